package birkhoff.engine.op.fused;

import birkhoff.engine.error.ShapeException;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Zeroes elements with probability {@code p} and divides the others by {@code 1 - p}. The mask is a
 * function of {@code key} and the element's index; backward regenerates it.
 *
 * @param key asked for whenever the mask is made; must give the same key forward and backward
 */
public record Dropout(double p, LongSupplier key) implements KernelPrimitive {
  public Dropout {
    if (!(p >= 0 && p < 1)) {
      throw new ShapeException("dropout: p = " + p + " is outside [0, 1)");
    }
  }

  @Override
  public String name() {
    return "dropout";
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
    var k = x.kernels().random(o.in(0).dtype());
    var in = o.in(0).data();
    var out = o.out(0).data();
    x.parallel(
        Partition.elements(o.in(0).count()),
        (lo, hi, w) -> k.dropout(in, out, p, key.getAsLong(), false, lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    var k = x.kernels().random(o.in(0).dtype());
    Cotangents.Target t = g.over(0, 0);
    var gy = g.of(0).data();
    var gx = t.tensor().data();
    x.parallel(
        Partition.elements(g.of(0).count()),
        (lo, hi, w) -> k.dropout(gy, gx, p, key.getAsLong(), t.accumulate(), lo, hi));
  }
}
