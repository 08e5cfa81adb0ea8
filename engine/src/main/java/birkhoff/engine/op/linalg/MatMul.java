package birkhoff.engine.op.linalg;

import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/** {@code c[…, m, n] = a[…, m, k]·b[…, k, n]}; leading dimensions broadcast. */
public record MatMul() implements KernelPrimitive {
  @Override
  public String name() {
    return "matmul";
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public boolean takesStrided() {
    return true;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 2, 2);
    var dtype = Check.floating(name(), in);
    Shape a = in.get(0).shape();
    Shape b = in.get(1).shape();
    Check.rank(name(), in.get(0), 2);
    Check.rank(name(), in.get(1), 2);
    Check.that(
        a.size(-1) == b.size(-2), name(), in, "the columns of a must be as many as the rows of b");
    Shape lead = Shape.broadcast(name(), a.without(-1).without(-1), b.without(-1).without(-1));
    long[] out = java.util.Arrays.copyOf(lead.toArray(), lead.rank() + 2);
    out[lead.rank()] = a.size(-2);
    out[lead.rank() + 1] = b.size(-1);
    return Plan.of(TensorSpec.of(Shape.of(out), dtype));
  }

  @Override
  public void forward(Execution x, Operands o) {
    Products.multiply(x, o.in(0), o.in(1), o.out(0), false);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Tensor gc = g.of(0);
    if (g.wants(0)) {
      Cotangents.Target t = g.into(0);
      Products.multiply(x, gc, o.in(1).t(), t.tensor(), t.accumulate());
    }
    if (g.wants(1)) {
      Cotangents.Target t = g.into(1);
      Products.multiply(x, o.in(0).t(), gc, t.tensor(), t.accumulate());
    }
  }

  @Override
  public long flops(Operands o, boolean backward) {
    return (backward ? 4 : 2) * o.out(0).count() * o.in(0).size(-1);
  }
}
