package birkhoff.engine.op.elementwise;

import birkhoff.engine.kernel.Elementwise;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;
import java.util.Locale;

/** {@code y = f(x)}, element by element. */
public record Unary(UnaryOp op) implements KernelPrimitive {
  @Override
  public String name() {
    return op.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public boolean readsInput(int input) {
    return op.needs() == UnaryOp.Needs.INPUT;
  }

  @Override
  public boolean readsOutput(int output) {
    return op.needs() == UnaryOp.Needs.OUTPUT;
  }

  /** From the input, where it is there for the derivative anyway. */
  @Override
  public boolean restores(int output) {
    return readsInput(0);
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 1, 1);
    Check.floating(name(), in);
    return Plan.of(in.getFirst());
  }

  @Override
  public void forward(Execution x, Operands o) {
    Elementwise k = x.kernels().elementwise(o.in(0).dtype());
    var in = o.in(0).data();
    var out = o.out(0).data();
    x.parallel(Partition.elements(o.out(0).count()), (lo, hi, w) -> k.unary(op, in, out, lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Elementwise k = x.kernels().elementwise(o.in(0).dtype());
    Cotangents.Target t = g.over(0, 0);
    var gy = g.of(0).data();
    // The kernel reads the one that the derivative needs; the other may be gone.
    var in = readsInput(0) ? o.in(0).data() : gy;
    var out = readsOutput(0) ? o.out(0).data() : gy;
    var gx = t.tensor().data();
    x.parallel(
        Partition.elements(g.of(0).count()),
        (lo, hi, w) -> k.unaryVjp(op, in, out, gy, gx, t.accumulate(), lo, hi));
  }
}
