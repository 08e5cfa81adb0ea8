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
  private final Forgotten forgotten;
  private final Map<Lifetime, Integer> holders = new IdentityHashMap<>();
  private final List<Tensor> unheld = new ArrayList<>();
  private Node current;
  private Operands node;

  BackwardPass(
      Execution execution, Map<Tensor, Slot> slots, Set<Lifetime> kept, Forgotten forgotten) {
    this.execution = execution;
    this.slots = slots;
    this.kept = kept;
    this.forgotten = forgotten;
  }

  void seed(Tensor result, Tensor cotangent) {
    Tensor own = execution.allocate(result.spec());
    Moves.copy(execution, cotangent, own);
    hold(slots.get(result), own);
  }

  void visit(Node n) {
    current = n;
    node = n.operands();
    boolean flows = false;
    for (Tensor out : node.out()) {
      Slot s = slots.get(out);
      flows |= s != null && s.gradient != null;
    }
    // All later readers are done: what this node does not read either can hold gradients.
    for (int i = 0; i < node.out().length; i++) {
      if (!flows || !n.primitive().readsOutput(i)) {
        releaseOutput(i);
      }
    }
    if (flows) {
      Operands operands = forgotten.readable(n);
      execution.observed(
          n.primitive(), operands, true, () -> n.primitive().vjp(execution, operands, this));
      if (!execution.observers().isEmpty()) {
        showGradients(operands);
      }
    }
    forgotten.passed(n);
    for (int i = 0; i < node.out().length; i++) {
      Slot s = slots.get(node.out(i));
      if (s != null && s.gradient != null && !s.watched) {
        drop(s.gradient);
        s.gradient = null;
      }
      releaseOutput(i);
    }
    for (Tensor t : node.saved()) {
      releaseUnheld(t);
    }
    unheld.forEach(this::releaseUnheld);
    unheld.clear();
  }

  private void showGradients(Operands operands) {
    for (int i = 0; i < node.in().length; i++) {
      Slot s = slots.get(node.in(i));
      if (s != null && s.gradient != null) {
        execution.observers().gradient(current.primitive(), operands, i, s.gradient);
      }
    }
  }

  private void releaseOutput(int output) {
    Tensor out = node.out(output);
    if (!(current.primitive() instanceof ViewPrimitive) && !kept.contains(out.lifetime())) {
      Execution.release(out);
    }
  }

  private void releaseUnheld(Tensor t) {
    if (!holders.containsKey(t.lifetime())) {
      Execution.release(t);
    }
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

  private String name() {
    return current.primitive().name();
  }

  private Slot wanted(int input) {
    Slot s = slots.get(node.in(input));
    if (s == null) {
      throw new DifferentiationException(
          name() + ": no gradient is wanted for input " + input + "; ask wants(input) first");
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
  public Target over(int input, int output) {
    Slot s = wanted(input);
    Slot from = slots.get(node.out(output));
    boolean free =
        s.gradient == null
            && !from.watched
            && !shared(from.gradient)
            && from.gradient.spec().equals(node.in(input).spec());
    if (!free) {
      return into(input);
    }
    hold(s, from.gradient);
    return new Target(s.gradient, false);
  }

  @Override
  public void done(int input) {
    forgotten.done(current, input);
  }

  @Override
  public void give(int input, Tensor gradient) {
    Slot s = wanted(input);
    if (!gradient.isContiguous() || !gradient.spec().equals(node.in(input).spec())) {
      throw new DifferentiationException(
          name()
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
