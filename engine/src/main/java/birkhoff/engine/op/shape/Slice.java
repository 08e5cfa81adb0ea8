package birkhoff.engine.op.shape;

import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.Moves;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.ViewPrimitive;
import birkhoff.engine.tensor.Tensor;

/** Elements {@code [from, to)} of one dimension. */
public record Slice(int axis, long from, long to) implements ViewPrimitive {
  @Override
  public String name() {
    return "slice";
  }

  @Override
  public Tensor view(Tensor in) {
    return in.slice(axis, from, to);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Cotangents.Target t = g.into(0);
    Moves.putPart(x, g.of(0), view(t.tensor()), t);
  }
}
