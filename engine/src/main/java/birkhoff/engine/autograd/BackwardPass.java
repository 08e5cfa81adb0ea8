package birkhoff.engine.autograd;

import birkhoff.engine.autograd.Tape.Node;
import birkhoff.engine.autograd.Tape.Slot;
import birkhoff.engine.error.DifferentiationException;
import birkhoff.engine.memory.Lifetime;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.Moves;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.ViewPrimitive;
import birkhoff.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One walk over the tape. Gradient memory is counted by the slots that hold it: memory with one
 * holder is added to in place, shared memory is copied first.
 */
final class BackwardPass implements Cotangents {
  private final Execution execution;
  private final Map<Tensor, Slot> slots;
  private final Set<Lifetime> kept;
  private final Map<Lifetime, Integer> holders = new IdentityHashMap<>();
  private final List<Tensor> unheld = new ArrayList<>();
  private String name;
  private Operands node;

  BackwardPass(Execution execution, Map<Tensor, Slot> slots, Set<Lifetime> kept) {
    this.execution = execution;
    this.slots = slots;
    this.kept = kept;
  }

  void seed(Tensor result, Tensor cotangent) {
    Tensor own = execution.allocate(result.spec());
    Moves.copy(execution, cotangent, own);
    hold(slots.get(result), own);
  }

  void visit(Node n) {
    name = n.primitive().name();
    node = n.operands();
    boolean flows = false;
    for (Tensor out : node.out()) {
      Slot s = slots.get(out);
      flows |= s != null && s.gradient != null;
    }
    if (flows) {
      execution.observed(
          n.primitive(), node, true, () -> n.primitive().vjp(execution, n.operands(), this));
    }
    for (Tensor out : node.out()) {
      Slot s = slots.get(out);
      if (s != null && s.gradient != null && !s.watched) {
        drop(s.gradient);
        s.gradient = null;
      }
      if (!(n.primitive() instanceof ViewPrimitive) && !kept.contains(out.lifetime())) {
        Execution.release(out);
      }
    }
    for (Tensor t : node.saved()) {
      if (!holders.containsKey(t.lifetime())) {
        Execution.release(t);
      }
    }
    for (Tensor t : unheld) {
      if (!holders.containsKey(t.lifetime())) {
        Execution.release(t);
      }
    }
    unheld.clear();
  }

  Tensor gradientOrZeros(Tensor leaf) {
    Slot s = slots.get(leaf);
    if (s.gradient == null) {
      Tensor zeros = execution.allocate(leaf.spec());
      execution.fill(zeros, 0);
      s.gradient = zeros;
    }
    return s.gradient;
  }

  private void hold(Slot slot, Tensor gradient) {
    slot.gradient = gradient;
    holders.merge(gradient.lifetime(), 1, Integer::sum);
  }

  private void drop(Tensor gradient) {
    int left = holders.merge(gradient.lifetime(), -1, Integer::sum);
    if (left == 0) {
      holders.remove(gradient.lifetime());
      Execution.release(gradient);
    }
  }

  private boolean shared(Tensor gradient) {
    return holders.get(gradient.lifetime()) > 1;
  }

  /** Makes a slot's gradient memory that nobody else holds. */
  private Tensor exclusive(Slot s) {
    if (shared(s.gradient)) {
      Tensor fresh = execution.allocate(s.gradient.spec());
      execution.add(s.gradient, 0, fresh);
      drop(s.gradient);
      hold(s, fresh);
    }
    return s.gradient;
  }

  @Override
  public Tensor of(int output) {
    Slot s = slots.get(node.out(output));
    return s == null ? null : s.gradient;
  }

  @Override
  public Tensor own(int output) {
    return exclusive(slots.get(node.out(output)));
  }

  @Override
  public boolean wants(int input) {
    return slots.containsKey(node.in(input));
  }

  private Slot wanted(int input) {
    Slot s = slots.get(node.in(input));
    if (s == null) {
      throw new DifferentiationException(
          name + ": no gradient is wanted for input " + input + "; ask wants(input) first");
    }
    return s;
  }

  @Override
  public Target into(int input) {
    Slot s = wanted(input);
    if (s.gradient == null) {
      hold(s, execution.allocate(node.in(input).spec()));
      return new Target(s.gradient, false);
    }
    return new Target(exclusive(s), true);
  }

  @Override
  public void give(int input, Tensor gradient) {
    Slot s = wanted(input);
    if (!gradient.isContiguous() || !gradient.spec().equals(node.in(input).spec())) {
      throw new DifferentiationException(
          name
              + ": gradient "
              + gradient.layout()
              + " for input "
              + input
              + " "
              + node.in(input).spec()
              + "; it must be contiguous, of the same shape and element type");
    }
    if (s.gradient == null) {
      hold(s, gradient);
    } else {
      execution.add(gradient, 1, exclusive(s));
      unheld.add(gradient);
    }
  }
}
