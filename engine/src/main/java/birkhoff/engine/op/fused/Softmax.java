package birkhoff.engine.op.fused;

import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/** Softmax of the last dimension. */
public record Softmax() implements KernelPrimitive {
  @Override
  public String name() {
    return "softmax";
  }

  @Override
  public boolean readsInput(int input) {
    return false;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 1, 1);
    NormShapes.check(name(), in, 1);
    return Plan.of(in.getFirst());
  }

  @Override
  public void forward(Execution x, Operands o) {
    var k = x.kernels().normalization(o.in(0).dtype());
    int cols = NormShapes.cols(o.in(0));
    var in = o.in(0).data();
    var out = o.out(0).data();
    x.parallel(NormShapes.partition(o.in(0)), (lo, hi, w) -> k.softmax(in, out, cols, lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    var k = x.kernels().normalization(o.in(0).dtype());
    int cols = NormShapes.cols(o.in(0));
    Cotangents.Target t = g.into(0);
    var y = o.out(0).data();
    var gy = g.of(0).data();
    var gx = t.tensor().data();
    x.parallel(
        NormShapes.partition(o.in(0)),
        (lo, hi, w) -> k.softmaxVjp(y, gy, gx, t.accumulate(), cols, lo, hi));
  }
}
