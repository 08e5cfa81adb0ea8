package birkhoff.engine.op.mixing;

import birkhoff.engine.kernel.Mixing;
import birkhoff.engine.kernel.Mixing.GateShape;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What {@link StreamRead} and {@link StreamWriteRead} share: maps and input of a sublayer from its
 * streams. Operands: {@code generator[2d+P, d·width]}, {@code gate[3]}, {@code bias[2d+P]}; results
 * {@code u}, {@code post}, {@code z}; saved {@code raw}, {@code pre}, {@code rrms}.
 */
final class Reading {
  private static final int RAW = 0;
  private static final int PRE = 1;
  private static final int RRMS = 2;

  final StreamShapes n;
  final GateShape gates;
  final Mixing k;
  final MemorySegment streams;
  final MemorySegment generator;
  final MemorySegment gate;
  final MemorySegment raw;
  final MemorySegment rrms;
  final MemorySegment pre;
  final MemorySegment post;

  /**
   * Bias, u and z are asked for apart: a backward pass, which does not read them, may not have
   * them.
   *
   * @param streams that are read
   * @param input place of the generator, before gate and bias
   * @param output place of u, before post and z
   */
  Reading(Execution x, String op, Operands o, Tensor streams, int input, int output) {
    this.n = StreamShapes.of(op, streams.shape());
    this.gates = new GateShape(n.d(), Check.intSize(op, o.in(input).size(0) - 2L * n.d()));
    Check.intSize(op, (long) n.d() * n.width());
    this.k = x.kernels().mixing(streams.dtype());
    this.streams = streams.data();
    this.generator = o.in(input).data();
    this.gate = o.in(input + 1).data();
    this.raw = o.saved(RAW).data();
    this.pre = o.saved(PRE).data();
    this.rrms = o.saved(RRMS).data();
    this.post = o.out(output + 1).data();
  }

  /** Checks the operands from {@code input} on against the streams' sizes. */
  static void check(String op, List<TensorSpec> in, StreamShapes n, int input) {
    Shape generator = in.get(input).shape();
    boolean fits =
        n.d() > 0
            && generator.rank() == 2
            && generator.size(0) >= 2L * n.d()
            && generator.size(1) == (long) n.d() * n.width();
    Check.that(fits, op, in, "the generator must be [2d + P, d·width]");
    Check.shape(op, "gate", in.get(input + 1), Shape.of(3));
    Check.shape(op, "bias", in.get(input + 2), Shape.of(generator.size(0)));
  }

  /** u, post and z. */
  static List<TensorSpec> results(List<TensorSpec> in, StreamShapes n, int input) {
    DType dtype = in.getFirst().dtype();
    return List.of(
        TensorSpec.of(in.getFirst().shape().without(-2), dtype),
        n.perToken(n.d(), dtype),
        n.perToken(in.get(input).shape().size(0) - 2L * n.d(), dtype));
  }

  /** raw, pre and rrms. */
  static List<TensorSpec> saved(List<TensorSpec> in, StreamShapes n, int input) {
    DType dtype = in.getFirst().dtype();
    return List.of(
        n.perToken(in.get(input).shape().size(0), dtype),
        n.perToken(n.d(), dtype),
        TensorSpec.of(Shape.of(n.tokens()), dtype));
  }

  int inner() {
    return n.d() * n.width();
  }

  /** Everything for tokens {@code [lo, hi)}, whose rrms is known. */
  void block(MemorySegment bias, MemorySegment u, MemorySegment z, long lo, long hi) {
    k.generate(streams, generator, raw, gates.rows(), inner(), n.tokens(), lo, hi);
    k.gates(gates, raw, rrms, gate, bias, pre, post, z, n.tokens(), lo, hi);
    input(u, lo, hi);
  }

  /** u alone, from the weights, which are saved. */
  void input(MemorySegment u, long lo, long hi) {
    k.streamRead(streams, pre, u, n.d(), n.width(), n.tokens(), lo, hi);
  }
}
