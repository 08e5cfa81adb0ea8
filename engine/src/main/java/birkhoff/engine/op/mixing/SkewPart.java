package birkhoff.engine.op.mixing;

import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/**
 * The strict upper triangle of {@code Θ - Θᵀ}, row by row, of one n×n matrix per token: {@code
 * theta[n², tokens]} to {@code z[n(n-1)/2, tokens]}, what {@code MixerShape.Cayley} takes.
 */
public record SkewPart(int n) implements KernelPrimitive {
  @Override
  public String name() {
    return "skewPart";
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
    var dtype = Check.floating(name(), in);
    Shape theta = in.getFirst().shape();
    boolean fits = n >= 1 && theta.rank() == 2 && theta.size(0) == (long) n * n;
    Check.that(fits, name(), in, "theta must be [" + (long) n * n + ", tokens]");
    return Plan.of(TensorSpec.of(Shape.of((long) n * (n - 1) / 2, theta.size(1)), dtype));
  }

  @Override
  public void forward(Execution x, Operands o) {
    var k = x.kernels().mixers(o.in(0).dtype());
    long tokens = o.in(0).size(1);
    var theta = o.in(0).data();
    var z = o.out(0).data();
    x.parallel(StreamShapes.blocks(tokens), (lo, hi, w) -> k.skewPart(n, theta, z, tokens, lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    if (!g.wants(0)) {
      return;
    }
    var k = x.kernels().mixers(g.of(0).dtype());
    long tokens = g.of(0).size(1);
    var gradient = x.allocate(o.in(0).spec());
    var gz = g.of(0).data();
    var gtheta = gradient.data();
    x.parallel(
        StreamShapes.blocks(tokens), (lo, hi, w) -> k.skewPartVjp(n, gz, gtheta, tokens, lo, hi));
    g.give(0, gradient);
  }
}
