package birkhoff.engine.op.fused;

import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/**
 * Layer norm of the last dimension (Ba et al., arXiv 1607.06450). Inputs: x, optionally gamma, and
 * with it optionally beta.
 */
public record LayerNorm(double eps) implements KernelPrimitive {
  @Override
  public String name() {
    return "layerNorm";
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public boolean restores(int output) {
    return true;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    return plan(name(), in);
  }

  /** Shared with its twin of mixed precision, whose name errors then have. */
  public static Plan plan(String name, List<TensorSpec> in) {
    Check.inputs(name, in, 1, 3);
    NormShapes.check(name, in, 1);
    TensorSpec x = in.getFirst();
    return Plan.of(x, NormShapes.perRow(x), NormShapes.perRow(x));
  }

  @Override
  public void forward(Execution x, Operands o) {
    forward(x, o.in(0), o, 1, eps);
  }

  /** Shared with {@link AddLayerNorm}; {@code from} is normalized into output 0. */
  static void forward(Execution x, Tensor from, Operands o, int gammaAt, double eps) {
    var k = x.kernels().normalization(from.dtype());
    var in = from.data();
    var gamma = o.in().length > gammaAt ? o.in(gammaAt).data() : null;
    var beta = o.in().length > gammaAt + 1 ? o.in(gammaAt + 1).data() : null;
    var y = o.out(0).data();
    var mean = o.saved(0).data();
    var rstd = o.saved(1).data();
    int cols = NormShapes.cols(from);
    x.parallel(
        NormShapes.partition(from),
        (lo, hi, w) -> k.layerNorm(in, gamma, beta, y, mean, rstd, cols, eps, lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Cotangents.Target target = NormShapes.target(x, o.in(0), g);
    backward(x, o.in(0), o, 1, g, target);
    NormShapes.done(g, target);
  }

  /**
   * Shared with {@link AddLayerNorm}.
   *
   * @param normed what was normalized
   * @param target where its gradient goes
   */
  static void backward(
      Execution x, Tensor normed, Operands o, int gammaAt, Cotangents g, Cotangents.Target target) {
    var k = x.kernels().normalization(normed.dtype());
    int parameters = o.in().length - gammaAt;
    var in = normed.data();
    var gamma = parameters > 0 ? o.in(gammaAt).data() : null;
    var mean = o.saved(0).data();
    var rstd = o.saved(1).data();
    var gy = g.of(0).data();
    var gx = target.tensor().data();
    boolean accumulate = target.accumulate();
    int cols = NormShapes.cols(normed);
    NormShapes.backward(
        x,
        normed,
        g,
        2,
        gammaAt,
        parameters,
        (partial, offset, lo, hi) ->
            k.layerNormVjp(
                in, gamma, mean, rstd, gy, gx, accumulate, partial, offset, cols, lo, hi));
  }
}
