package birkhoff.engine.autograd;

import birkhoff.engine.error.DifferentiationException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.memory.Lifetime;
import birkhoff.engine.op.Ops;
import birkhoff.engine.primitive.Cell;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Primitive;
import birkhoff.engine.primitive.Recorder;
import birkhoff.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The record of one step's operations and the way back through them (reverse mode). Watch the
 * tensors whose gradients are wanted, compute with {@link #ops}, then call {@link #backward} once.
 *
 * <p>The backward pass releases activations as it goes: after it, only the result that it started
 * from, tensors handed to {@link #keep} and the gradients can still be read. Gradients are plain
 * numbers; second derivatives are refused with a {@link DifferentiationException}. Not thread-safe.
 */
public final class Tape implements Recorder {
  private final Execution execution;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<Tensor, Slot> slots = new IdentityHashMap<>();
  private final Set<Lifetime> storages = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Lifetime> kept = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Lifetime> pinned = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Forgotten forgotten;
  private final List<Tensor> watched = new ArrayList<>();
  private boolean spent;

  record Node(Primitive primitive, Operands operands) {
    /** The output that {@code memory} was allocated for, or -1. */
    int produces(Lifetime memory) {
      for (int i = 0; i < operands.out().length; i++) {
        if (primitive instanceof KernelPrimitive && operands.out(i).lifetime().equals(memory)) {
          return i;
        }
      }
      return -1;
    }

    /** Whether the vjp reads something that lies in {@code memory}. */
    boolean reads(Lifetime memory) {
      boolean any = false;
      for (int i = 0; i < operands.in().length; i++) {
        any |= operands.in(i).lifetime().equals(memory) && primitive.readsInput(i);
      }
      for (int i = 0; i < operands.out().length; i++) {
        any |= operands.out(i).lifetime().equals(memory) && primitive.readsOutput(i);
      }
      return any;
    }
  }

  /** The gradient gathered so far for one value. */
  static final class Slot {
    Tensor gradient;
    boolean watched;
  }

  public Tape(Execution execution) {
    this.execution = execution;
    this.forgotten = new Forgotten(execution);
  }

  /** Operations that are noted on this tape. */
  public Ops ops() {
    return new Ops(execution, this);
  }

  /**
   * Asks for the gradient of a differentiable tensor, be it a leaf or a result on this tape;
   * watching twice is harmless.
   */
  public Tensor watch(Tensor t) {
    requireOpen("watch");
    t.requireLive("watch");
    if (!t.dtype().isDifferentiable()) {
      throw new DifferentiationException("watch: " + t.spec() + " has no gradient");
    }
    Slot slot = slots.computeIfAbsent(t, k -> new Slot());
    if (!slot.watched) {
      slot.watched = true;
      storages.add(t.lifetime());
      watched.add(t);
    }
    return t;
  }

  /** Keeps an intermediate result readable after {@link #backward}. */
  public Tensor keep(Tensor t) {
    kept.add(t.lifetime());
    return t;
  }

  boolean isTracked(Tensor t) {
    return slots.containsKey(t);
  }

  /** Whether {@code t} is a tracked tensor or lies in the memory of one. */
  boolean sharesTracked(Tensor t) {
    return storages.contains(t.lifetime());
  }

  @Override
  public boolean tracks(Primitive primitive, Tensor[] in) {
    String op = primitive.name();
    requireOpen(op);
    boolean any = false;
    for (Tensor t : in) {
      if (isTracked(t)) {
        any = true;
      } else if (t.dtype().isDifferentiable() && sharesTracked(t)) {
        throw new DifferentiationException(
            op
                + ": input "
                + t.spec()
                + " is a view of a tracked tensor that was taken outside the tape, its gradient"
                + " would be lost; take the view with tape.ops()");
      }
    }
    return any;
  }

  @Override
  public void record(Primitive primitive, Operands operands) {
    nodes.add(new Node(primitive, operands));
    for (Tensor out : operands.out()) {
      if (out.dtype().isDifferentiable()) {
        if (slots.putIfAbsent(out, new Slot()) != null) {
          throw new DifferentiationException(
              primitive.name()
                  + ": output "
                  + out.spec()
                  + " is the very tensor that was put in; return a new one");
        }
        storages.add(out.lifetime());
      }
    }
  }

  /** Whoever reads {@code t} holds on to this very tensor, so {@link #forget} leaves it alone. */
  void pin(Tensor t) {
    pinned.add(t.lifetime());
  }

  @Override
  public void forget(Tensor t) {
    requireOpen("forget");
    Lifetime memory = t.lifetime();
    if (kept.contains(memory) || pinned.contains(memory) || forgotten.contains(t)) {
      return;
    }
    int readers = 0;
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node n = nodes.get(i);
      int output = n.produces(memory);
      if (n.reads(memory)) {
        readers++;
      }
      if (output >= 0) {
        give(n, output, readers);
        return;
      }
    }
    if (readers == 0 && !storages.contains(memory)) {
      Execution.release(t);
    }
  }

  private void give(Node producer, int output, int readers) {
    Primitive p = producer.primitive();
    boolean restores = p instanceof KernelPrimitive k && k.restores(output);
    if (readers == 0 || restores) {
      Execution.release(producer.operands().out(output));
      if (readers > 0) {
        forgotten.add(producer, output, readers);
      }
    }
  }

  private void requireOpen(String what) {
    if (spent) {
      throw new DifferentiationException(
          what
              + ": this tape has been walked backward; second derivatives are not supported, and a"
              + " new step needs a new tape");
    }
  }

  /** Gradients of the one-element {@code loss} with respect to every watched tensor. */
  public Gradients backward(Tensor loss) {
    return backward(loss, 1);
  }

  /** {@link #backward(Tensor)} of {@code scale·loss}. */
  public Gradients backward(Tensor loss, double scale) {
    if (loss.count() != 1) {
      throw new ShapeException(
          "backward: the loss has shape " + loss.shape() + "; reduce it to one element first");
    }
    requireOpen("backward");
    Tensor seed = execution.allocate(loss.spec());
    Cell one = Cell.of(seed);
    execution.serial(() -> one.set(scale));
    Gradients gradients = backward(loss, seed);
    Execution.release(seed);
    return gradients;
  }

  /** Vector-Jacobian product: gradients of {@code Σ result·cotangent}. */
  public Gradients backward(Tensor result, Tensor cotangent) {
    requireOpen("backward");
    if (!slots.containsKey(result)) {
      throw new DifferentiationException(
          "backward: " + result.spec() + " does not depend on a watched tensor of this tape");
    }
    result.requireLive("backward");
    cotangent.requireLive("backward");
    if (!cotangent.shape().equals(result.shape()) || cotangent.dtype() != result.dtype()) {
      throw new ShapeException(
          "backward: cotangent " + cotangent.spec() + " for result " + result.spec());
    }
    spent = true;
    kept.add(result.lifetime());
    var pass = new BackwardPass(execution, slots, kept, forgotten);
    pass.seed(result, cotangent);
    for (int i = nodes.size() - 1; i >= 0; i--) {
      pass.visit(nodes.get(i));
      nodes.set(i, null);
    }
    Map<Tensor, Tensor> found = new IdentityHashMap<>();
    for (Tensor t : watched) {
      found.put(t, pass.gradientOrZeros(t));
    }
    return t -> {
      Tensor g = found.get(t);
      if (g == null) {
        throw new DifferentiationException("gradients: " + t.spec() + " was not watched");
      }
      return g;
    };
  }

  Execution execution() {
    return execution;
  }
}
