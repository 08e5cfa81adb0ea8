package birkhoff.engine.op.reduce;

import birkhoff.engine.error.ShapeException;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Moves;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/**
 * Sum over dimensions, which disappear. No axes given means all of them.
 *
 * @param axes dimensions, negative from the end, each once
 */
public record Sum(List<Integer> axes) implements KernelPrimitive {
  public Sum {
    axes = List.copyOf(axes);
  }

  @Override
  public String name() {
    return "sum";
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
    var dtype = Check.floating(name(), in);
    Shape shape = in.getFirst().shape();
    boolean[] reduced = reduced(shape);
    Shape out = shape;
    for (int i = shape.rank() - 1; i >= 0; i--) {
      out = reduced[i] ? out.without(i) : out;
    }
    return Plan.of(TensorSpec.of(out, dtype));
  }

  private boolean[] reduced(Shape shape) {
    boolean[] reduced = new boolean[shape.rank()];
    java.util.Arrays.fill(reduced, axes.isEmpty());
    for (int axis : axes) {
      int a = shape.axis(name(), axis);
      if (reduced[a]) {
        throw new ShapeException(name() + ": axes " + axes + " name axis " + a + " twice");
      }
      reduced[a] = true;
    }
    return reduced;
  }

  @Override
  public void forward(Execution x, Operands o) {
    Sums.sum(x, o.in(0), reduced(o.in(0).shape()), new Cotangents.Target(o.out(0), false));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Shape shape = o.in(0).shape();
    boolean[] reduced = reduced(shape);
    Shape kept = shape;
    for (int i = 0; i < reduced.length; i++) {
      kept = reduced[i] ? kept.with(i, 1) : kept;
    }
    Tensor spread = g.of(0).reshape(kept).broadcastTo(shape);
    Moves.put(x, spread, g.into(0));
  }
}
