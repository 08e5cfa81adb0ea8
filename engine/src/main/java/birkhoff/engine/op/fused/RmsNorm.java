package birkhoff.engine.op.fused;

import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/** RMS norm of the last dimension (arXiv 1910.07467). Inputs: x, optionally gamma. */
public record RmsNorm(double eps) implements KernelPrimitive {
  @Override
  public String name() {
    return "rmsNorm";
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
    Check.inputs(name(), in, 1, 2);
    NormShapes.check(name(), in, 1);
    return Plan.of(in.getFirst(), NormShapes.perRow(in.getFirst()));
  }

  @Override
  public void forward(Execution x, Operands o) {
    var k = x.kernels().normalization(o.in(0).dtype());
    var in = o.in(0).data();
    var gamma = o.in().length > 1 ? o.in(1).data() : null;
    var y = o.out(0).data();
    var rrms = o.saved(0).data();
    int cols = NormShapes.cols(o.in(0));
    x.parallel(
        NormShapes.partition(o.in(0)),
        (lo, hi, w) -> k.rmsNorm(in, gamma, y, rrms, cols, eps, lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    var k = x.kernels().normalization(o.in(0).dtype());
    Cotangents.Target target = NormShapes.target(x, o.in(0), g);
    int parameters = o.in().length - 1;
    var in = o.in(0).data();
    var gamma = parameters > 0 ? o.in(1).data() : null;
    var rrms = o.saved(0).data();
    var gy = g.of(0).data();
    var gx = target.tensor().data();
    boolean accumulate = target.accumulate();
    int cols = NormShapes.cols(o.in(0));
    NormShapes.backward(
        x,
        o.in(0),
        g,
        1,
        1,
        parameters,
        (partial, offset, lo, hi) ->
            k.rmsNormVjp(in, gamma, rrms, gy, gx, accumulate, partial, offset, cols, lo, hi));
    NormShapes.done(g, target);
  }
}
