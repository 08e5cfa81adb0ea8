package birkhoff.engine.op.elementwise;

import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/** {@code y = alpha·x} with a constant. */
public record Scale(double alpha) implements KernelPrimitive {
  @Override
  public String name() {
    return "scale";
  }

  @Override
  public boolean readsInput(int input) {
    return false;
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 1, 1);
    Check.floating(name(), in);
    return Plan.of(in.getFirst());
  }

  @Override
  public void forward(Execution x, Operands o) {
    var k = x.kernels().elementwise(o.in(0).dtype());
    var in = o.in(0).data();
    var out = o.out(0).data();
    x.parallel(
        Partition.elements(o.in(0).count()), (lo, hi, w) -> k.axpby(alpha, in, 0, out, lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    var k = x.kernels().elementwise(o.in(0).dtype());
    Cotangents.Target t = g.over(0, 0);
    var gy = g.of(0).data();
    var gx = t.tensor().data();
    x.parallel(
        Partition.elements(g.of(0).count()),
        (lo, hi, w) -> k.axpby(alpha, gy, t.beta(), gx, lo, hi));
  }
}
