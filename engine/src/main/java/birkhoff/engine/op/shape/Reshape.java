package birkhoff.engine.op.shape;

import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.ViewPrimitive;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;

/** The same elements of a contiguous tensor under another shape. */
public record Reshape(Shape shape) implements ViewPrimitive {
  @Override
  public String name() {
    return "reshape";
  }

  @Override
  public Tensor view(Tensor in) {
    return in.reshape(shape);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    g.give(0, g.of(0).reshape(o.in(0).shape()));
  }
}
