package birkhoff.engine.op.shape;

import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.Moves;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.ViewPrimitive;
import birkhoff.engine.tensor.Tensor;

/** Two dimensions exchanged. */
public record Transpose(int a, int b) implements ViewPrimitive {
  @Override
  public String name() {
    return "transpose";
  }

  @Override
  public Tensor view(Tensor in) {
    return in.transpose(a, b);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Moves.put(x, g.of(0).transpose(a, b), g.into(0));
  }
}
