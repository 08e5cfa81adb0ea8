package birkhoff.engine.op.mixing;

import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;

/** Sizes of streams {@code [tokens…, d, width]} and the blocks that their tokens are cut in. */
record StreamShapes(long tokens, int d, int width) {
  /** Tokens of a block: whole cache lines of token-fastest numbers, and streams that fit in L2. */
  private static final long GRAIN = 16;

  static StreamShapes of(String op, Shape streams) {
    return new StreamShapes(
        streams.without(-1).without(-1).count(),
        Check.intSize(op, streams.size(-2)),
        Check.intSize(op, streams.size(-1)));
  }

  static Partition blocks(long tokens) {
    return new Partition(tokens, GRAIN);
  }

  Partition blocks() {
    return blocks(tokens);
  }

  /** {@code [rows, tokens]}. */
  TensorSpec perToken(long rows, DType dtype) {
    return TensorSpec.of(Shape.of(rows, tokens), dtype);
  }

  /** Streams as a matrix {@code [tokens, d·width]}. */
  Tensor matrix(Tensor streams) {
    return streams.reshape(tokens, (long) d * width);
  }

  /** Coefficients 1 for every stream and token, to be released by the caller. */
  Tensor ones(Execution x, DType dtype) {
    Tensor ones = x.allocate(perToken(d, dtype));
    x.fill(ones, 1);
    return ones;
  }
}
