package birkhoff.engine.op.shape;

import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Moves;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/** A row-major copy of a strided view. */
public record Contiguous() implements KernelPrimitive {
  @Override
  public String name() {
    return "contiguous";
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
  public boolean takesStrided() {
    return true;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 1, 1);
    return Plan.of(in.getFirst());
  }

  @Override
  public void forward(Execution x, Operands o) {
    Moves.copy(x, o.in(0), o.out(0));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    g.give(0, g.of(0));
  }
}
