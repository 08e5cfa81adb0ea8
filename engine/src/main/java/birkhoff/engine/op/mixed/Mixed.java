package birkhoff.engine.op.mixed;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.op.reduce.Sums;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;

/** What the mixed operations share. */
final class Mixed {
  private Mixed() {}

  /** Refuses an input that has not the element type that the operation reads. */
  static void dtype(String op, List<TensorSpec> in, int input, DType expected) {
    if (in.get(input).dtype() != expected) {
      throw new DTypeException(
          op
              + ": input "
              + input
              + " of "
              + in
              + " must be "
              + expected.name().toLowerCase(Locale.ROOT));
    }
  }

  /** Refuses a shadow that is not the bfloat16 twin of the weight. */
  static void shadow(String op, List<TensorSpec> in, int weight, int shadow) {
    dtype(op, in, weight, DType.FLOAT32);
    dtype(op, in, shadow, DType.BFLOAT16);
    Check.shape(op, "the weight's bfloat16 copy", in.get(shadow), in.get(weight).shape());
  }

  static TensorSpec narrow(TensorSpec t) {
    return TensorSpec.of(t.shape(), DType.BFLOAT16);
  }

  /** {@code [rows, last dimension]}. */
  static Tensor matrix(Tensor t) {
    return t.reshape(t.shape().without(-1).count(), t.size(-1));
  }

  /**
   * {@code c = op(a)·op(b) + bias (+ c)} of contiguous matrices, the operands bfloat16.
   *
   * @param bias float32, null for none
   */
  static void multiply(
      Execution x,
      boolean transA,
      Tensor a,
      boolean transB,
      Tensor b,
      Tensor bias,
      boolean accumulate,
      Tensor c) {
    var shape =
        GemmShape.of(
            transA,
            transB,
            Check.intSize("matmul", c.size(0)),
            Check.intSize("matmul", c.size(1)),
            Check.intSize("matmul", a.size(transA ? 0 : 1)));
    x.kernels()
        .mixedGemm()
        .gemm(
            x.team(),
            shape,
            a.data(),
            b.data(),
            bias == null ? null : bias.data(),
            accumulate,
            c.dtype(),
            c.data());
  }

  /** {@code t} itself when it is bfloat16, else a rounded copy for {@link #free}. */
  static Tensor narrowed(Execution x, Tensor t) {
    if (t.dtype() == DType.BFLOAT16) {
      return t;
    }
    Tensor copy = x.allocate(narrow(t.spec()));
    x.narrow(t, copy);
    return copy;
  }

  static void free(Tensor given, Tensor used) {
    if (given != used) {
      Execution.release(used);
    }
  }

  /** A float32 tensor for every worker, to widen a block into. */
  static Tensor[] perWorker(Execution x, long elements) {
    Tensor[] all = new Tensor[x.team().size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = x.allocate(TensorSpec.of(Shape.of(elements), DType.FLOAT32));
    }
    return all;
  }

  static MemorySegment[] data(Tensor[] tensors) {
    MemorySegment[] all = new MemorySegment[tensors.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = tensors[i].data();
    }
    return all;
  }

  static void release(Tensor[] tensors) {
    for (Tensor t : tensors) {
      Execution.release(t);
    }
  }

  /** The parts of contiguous {@code t} that blocks of a partition of its rows work on. */
  static MemorySegment[] rows(Tensor t, Partition p, long cols) {
    if (t == null) {
      return new MemorySegment[p.blocks()];
    }
    MemorySegment all = t.data();
    long row = cols * t.dtype().bytes();
    MemorySegment[] parts = new MemorySegment[p.blocks()];
    for (int b = 0; b < parts.length; b++) {
      parts[b] = all.asSlice(p.lo(b) * row, (p.hi(b) - p.lo(b)) * row);
    }
    return parts;
  }

  /** Adds the columns of a matrix of either type into a float32 target. */
  static void columnSums(Execution x, Tensor in, Cotangents.Target target) {
    long rows = in.size(0);
    long cols = in.size(1);
    MemorySegment out = target.tensor().data();
    if (in.dtype() == DType.FLOAT32) {
      Sums.columns(x, in, rows, cols, out, target.accumulate());
      return;
    }
    Partition p = Sums.columnPartition(rows);
    var r = x.kernels().reduction(DType.FLOAT32);
    var k = x.kernels().bfloat16(DType.FLOAT32);
    Tensor partial =
        x.allocate(TensorSpec.of(Shape.of(Math.max(1, p.blocks()), cols), DType.FLOAT32));
    long step = Math.max(1, Partition.BLOCK_ELEMENTS / cols);
    Tensor[] wide = perWorker(x, step * cols);
    MemorySegment[] scratch = data(wide);
    MemorySegment from = in.data();
    MemorySegment sums = partial.data();
    x.team()
        .run(
            p.blocks(),
            (b, w) -> {
              for (long lo = p.lo(b); lo < p.hi(b); lo += step) {
                long n = Math.min(step, p.hi(b) - lo);
                k.widen(from, lo * cols, scratch[w], 0, n * cols);
                r.columnSums(scratch[w], cols, sums, b * cols, lo > p.lo(b), 0, n);
              }
            });
    Sums.addRows(x, partial, p.blocks(), cols, 0, cols, out, target.accumulate());
    release(wide);
    Execution.release(partial);
  }
}
