package birkhoff.engine.op.shape;

import birkhoff.engine.op.reduce.Sums;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.ViewPrimitive;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;

/** Size-1 dimensions repeated without a copy. */
public record BroadcastTo(Shape shape) implements ViewPrimitive {
  @Override
  public String name() {
    return "broadcastTo";
  }

  @Override
  public Tensor view(Tensor in) {
    return in.broadcastTo(shape);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Sums.reduceTo(x, g.of(0), g.into(0));
  }
}
