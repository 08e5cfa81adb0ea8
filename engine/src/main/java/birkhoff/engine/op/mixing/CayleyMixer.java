package birkhoff.engine.op.mixing;

import birkhoff.engine.kernel.Mixing.CayleyShape;
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
 * Generalized orthostochastic matrices, equations (8)–(10) of arXiv 2604.02309: {@code z[P,
 * tokens]} with {@code P = ds(ds-1)/2}, the row-major strict upper triangle of a skew-symmetric
 * matrix A, to {@code h[d·d, tokens]}, the mean squares of the s×s blocks of {@code
 * (I-A)(I+A)^{-1}} times s. Rows and columns of every {@code h} sum to 1.
 */
public record CayleyMixer(int d, int s) implements KernelPrimitive {
  @Override
  public String name() {
    return "cayleyMixer";
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  private CayleyShape shape() {
    return new CayleyShape(d, s);
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 1, 1);
    var dtype = Check.floating(name(), in);
    Shape z = in.getFirst().shape();
    boolean fits = z.rank() == 2 && z.size(0) == shape().parameters();
    Check.that(fits, name(), in, "z must be [" + shape().parameters() + ", tokens]");
    return Plan.of(TensorSpec.of(Shape.of((long) d * d, z.size(1)), dtype));
  }

  @Override
  public void forward(Execution x, Operands o) {
    var shape = shape();
    var k = x.kernels().mixing(o.in(0).dtype());
    long tokens = o.in(0).size(1);
    var z = o.in(0).data();
    var h = o.out(0).data();
    long scratch = k.scratchBytes(shape);
    x.parallel(
        StreamShapes.blocks(tokens),
        (lo, hi, w) -> k.cayley(shape, z, h, x.team().scratch(w, scratch), tokens, lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    if (!g.wants(0)) {
      return;
    }
    var shape = shape();
    var k = x.kernels().mixing(o.in(0).dtype());
    long tokens = o.in(0).size(1);
    var gradient = x.allocate(o.in(0).spec());
    var z = o.in(0).data();
    var gh = g.of(0).data();
    var gz = gradient.data();
    long scratch = k.scratchBytes(shape);
    x.parallel(
        StreamShapes.blocks(tokens),
        (lo, hi, w) -> k.cayleyVjp(shape, z, gh, gz, x.team().scratch(w, scratch), tokens, lo, hi));
    g.give(0, gradient);
  }
}
