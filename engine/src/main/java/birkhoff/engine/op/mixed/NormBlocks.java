package birkhoff.engine.op.mixed;

import birkhoff.engine.op.reduce.Sums;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;

/**
 * The float32 layer norm kernels around bfloat16 memory: a block of rows is widened or rounded
 * while it lies in the cache. Output 0 is the result; saved are the rows' means and 1/deviations.
 */
final class NormBlocks {
  private NormBlocks() {}

  /**
   * @param branch added to {@code in} into {@code sum} first; both null for none
   * @param gammaAt place of gamma among the inputs; beta follows
   */
  static void forward(
      Execution x, Tensor in, Tensor branch, Tensor sum, Operands o, int gammaAt, double eps) {
    int cols = Check.intSize("layerNorm", in.size(-1));
    Partition p = Partition.rows(Mixed.matrix(in).size(0), cols);
    var k = x.kernels().normalization(DType.FLOAT32);
    var mixed = x.kernels().bfloat16(DType.FLOAT32);
    MemorySegment[] from = Mixed.rows(in, p, cols);
    MemorySegment[] add = Mixed.rows(branch, p, cols);
    MemorySegment[] total = Mixed.rows(sum, p, cols);
    MemorySegment[] mean = Mixed.rows(o.saved(0), p, 1);
    MemorySegment[] rstd = Mixed.rows(o.saved(1), p, 1);
    MemorySegment gamma = o.in().length > gammaAt ? o.in(gammaAt).data() : null;
    MemorySegment beta = o.in().length > gammaAt + 1 ? o.in(gammaAt + 1).data() : null;
    MemorySegment y = o.out(0).data();
    Tensor[] wide = Mixed.perWorker(x, p.grain() * cols);
    MemorySegment[] scratch = Mixed.data(wide);
    x.team()
        .run(
            p.blocks(),
            (b, w) -> {
              long n = p.hi(b) - p.lo(b);
              if (add[b] == null) {
                k.layerNorm(from[b], gamma, beta, scratch[w], mean[b], rstd[b], cols, eps, 0, n);
              } else {
                k.addLayerNorm(
                    from[b],
                    add[b],
                    total[b],
                    gamma,
                    beta,
                    scratch[w],
                    mean[b],
                    rstd[b],
                    cols,
                    eps,
                    0,
                    n);
              }
              mixed.narrow(scratch[w], 0, y, p.lo(b) * cols, n * cols);
            });
    Mixed.release(wide);
  }

  /**
   * Gradients from bfloat16 {@code g.of(0)}.
   *
   * @param normed what was normalized
   * @param target where its gradient goes
   */
  static void backward(
      Execution x, Tensor normed, Operands o, int gammaAt, Cotangents g, Cotangents.Target target) {
    int cols = Check.intSize("layerNorm", normed.size(-1));
    Partition p = Sums.columnPartition(Mixed.matrix(normed).size(0));
    int parameters = o.in().length - gammaAt;
    boolean wanted = false;
    for (int i = 0; i < parameters; i++) {
      wanted |= g.wants(gammaAt + i);
    }
    var k = x.kernels().normalization(DType.FLOAT32);
    var mixed = x.kernels().bfloat16(DType.FLOAT32);
    long width = 2L * cols;
    Tensor partial =
        x.allocate(TensorSpec.of(Shape.of(Math.max(1, p.blocks()), width), DType.FLOAT32));
    MemorySegment sums = wanted ? partial.data() : null;
    MemorySegment[] from = Mixed.rows(normed, p, cols);
    MemorySegment[] mean = Mixed.rows(o.saved(0), p, 1);
    MemorySegment[] rstd = Mixed.rows(o.saved(1), p, 1);
    MemorySegment[] gx = Mixed.rows(target.tensor(), p, cols);
    MemorySegment gamma = parameters > 0 ? o.in(gammaAt).data() : null;
    MemorySegment gy = g.of(0).data();
    Tensor[] wide = Mixed.perWorker(x, p.grain() * cols);
    MemorySegment[] scratch = Mixed.data(wide);
    x.team()
        .run(
            p.blocks(),
            (b, w) -> {
              long n = p.hi(b) - p.lo(b);
              mixed.widen(gy, p.lo(b) * cols, scratch[w], 0, n * cols);
              k.layerNormVjp(
                  from[b],
                  gamma,
                  mean[b],
                  rstd[b],
                  scratch[w],
                  gx[b],
                  target.accumulate(),
                  sums,
                  b * width,
                  cols,
                  0,
                  n);
            });
    Mixed.release(wide);
    for (int i = 0; i < parameters; i++) {
      if (g.wants(gammaAt + i)) {
        Cotangents.Target t = g.into(gammaAt + i);
        Sums.addRows(
            x,
            partial,
            p.blocks(),
            width,
            (long) i * cols,
            cols,
            t.tensor().data(),
            t.accumulate());
      }
    }
    Execution.release(partial);
  }
}
