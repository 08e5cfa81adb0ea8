package birkhoff.engine.op.elementwise;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.op.reduce.Sums;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.primitive.Strided;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;
import java.util.Locale;

/** {@code z = f(a, b)}, element by element with NumPy's broadcasting. */
public record Binary(BinaryOp op) implements KernelPrimitive {
  @Override
  public String name() {
    return op.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public boolean readsInput(int input) {
    return op != BinaryOp.ADD;
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
    Shape shape = Shape.broadcast(name(), in.get(0).shape(), in.get(1).shape());
    return Plan.of(TensorSpec.of(shape, dtype));
  }

  @Override
  public void forward(Execution x, Operands o) {
    var k = x.kernels().elementwise(o.out(0).dtype());
    Tensor a = o.in(0).broadcastTo(o.out(0).shape());
    Tensor b = o.in(1).broadcastTo(o.out(0).shape());
    var da = a.data();
    var db = b.data();
    var dz = o.out(0).data();
    var runs = new Strided(a.layout(), b.layout());
    runs.forEach(
        x,
        (pa, pb, pz, n) ->
            k.binary(op, da, pa, runs.incrementA(), db, pb, runs.incrementB(), dz, pz, n));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    for (int i = 0; i < 2; i++) {
      if (g.wants(i)) {
        vjp(x, o, g, i);
      }
    }
  }

  private void vjp(Execution x, Operands o, Cotangents g, int input) {
    Tensor gz = g.of(0);
    boolean whole = o.in(input).shape().equals(gz.shape());
    boolean one = op == BinaryOp.ADD || (op == BinaryOp.SUB && input == 0);
    if (one && whole) {
      g.give(input, gz);
      return;
    }
    Tensor local = gz;
    if (!one) {
      local = x.allocate(gz.spec());
      var k = x.kernels().elementwise(gz.dtype());
      Tensor a = o.in(0).broadcastTo(gz.shape());
      Tensor b = o.in(1).broadcastTo(gz.shape());
      var da = a.data();
      var db = b.data();
      var dz = gz.data();
      var dg = local.data();
      var runs = new Strided(a.layout(), b.layout());
      runs.forEach(
          x,
          (pa, pb, pz, n) ->
              k.binaryVjp(
                  op,
                  input == 0,
                  da,
                  pa,
                  runs.incrementA(),
                  db,
                  pb,
                  runs.incrementB(),
                  dz,
                  dg,
                  pz,
                  n));
    }
    if (whole) {
      g.give(input, local);
      return;
    }
    Sums.reduceTo(x, local, g.into(input));
    if (!one) {
      Execution.release(local);
    }
  }
}
