package birkhoff.engine.op.fused;

import birkhoff.engine.op.reduce.Sums;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/** What the row-wise normalizations share. */
final class NormShapes {
  private NormShapes() {}

  /** Checks that the inputs from {@code first} on are vectors as long as x's rows. */
  static DType check(String op, List<TensorSpec> in, int first) {
    DType dtype = Check.floating(op, in);
    Check.rank(op, in.getFirst(), 1);
    Shape row = Shape.of(in.getFirst().shape().size(-1));
    for (int i = first; i < in.size(); i++) {
      Check.shape(op, i == first ? "gamma" : "beta", in.get(i), row);
    }
    return dtype;
  }

  /** One number per row. */
  static TensorSpec perRow(TensorSpec x) {
    return TensorSpec.of(x.shape().without(-1), x.dtype());
  }

  static int cols(Tensor x) {
    return Check.intSize("norm", x.size(-1));
  }

  static long rows(Tensor x) {
    return x.shape().without(-1).count();
  }

  static Partition partition(Tensor x) {
    return Partition.rows(rows(x), x.size(-1));
  }

  /** Where the kernels write x's gradient: memory for nobody when only parameters want theirs. */
  static Cotangents.Target target(Execution x, Tensor in, Cotangents g) {
    return g.wants(0) ? g.into(0) : new Cotangents.Target(x.allocate(in.spec()), false);
  }

  /** Gives {@link #target} back if it was for nobody. */
  static void done(Cotangents g, Cotangents.Target target) {
    if (!g.wants(0)) {
      Execution.release(target.tensor());
    }
  }

  /** A backward kernel on rows {@code [lo, hi)} that leaves parameter sums at an offset. */
  @FunctionalInterface
  interface Backward {
    void run(java.lang.foreign.MemorySegment partial, long offset, long lo, long hi);
  }

  /**
   * Runs a backward kernel over fixed row blocks and adds up the blocks' parameter gradients.
   *
   * @param sums numbers per column that the kernel leaves: 2 for layer norm, 1 for RMS norm
   * @param firstParameter place of gamma among the node's inputs; beta follows
   * @param parameters how many there are (0, 1 or 2)
   */
  static void backward(
      Execution x,
      Tensor in,
      Cotangents g,
      int sums,
      int firstParameter,
      int parameters,
      Backward kernel) {
    long cols = in.size(-1);
    Partition p = Sums.columnPartition(rows(in));
    boolean wanted = false;
    for (int i = 0; i < parameters; i++) {
      wanted |= g.wants(firstParameter + i);
    }
    if (!wanted) {
      x.team().run(p.blocks(), (b, w) -> kernel.run(null, 0, p.lo(b), p.hi(b)));
      return;
    }
    long width = cols * sums;
    Tensor partial =
        x.allocate(TensorSpec.of(Shape.of(Math.max(1, p.blocks()), width), in.dtype()));
    var memory = partial.data();
    x.team().run(p.blocks(), (b, w) -> kernel.run(memory, b * width, p.lo(b), p.hi(b)));
    for (int i = 0; i < parameters; i++) {
      if (g.wants(firstParameter + i)) {
        Cotangents.Target t = g.into(firstParameter + i);
        Sums.addRows(
            x, partial, p.blocks(), width, i * cols, cols, t.tensor().data(), t.accumulate());
      }
    }
    Execution.release(partial);
  }
}
