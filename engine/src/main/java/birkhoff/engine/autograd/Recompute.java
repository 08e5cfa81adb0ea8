package birkhoff.engine.autograd;

import birkhoff.engine.memory.Workspace;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.shape.Contiguous;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.primitive.Primitive;
import birkhoff.engine.primitive.Recorder;
import birkhoff.engine.primitive.ViewPrimitive;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Trades time for memory (Chen et al., arXiv 1604.06174): a block's inner activations are dropped
 * after the forward pass and worked out again when the backward pass needs them.
 */
public final class Recompute {
  private Recompute() {}

  /**
   * Runs {@code block} so that only its result is kept. It must be a pure function of the tensors
   * that it uses and must compute with the {@link Ops} that it is given: it runs again in the
   * backward pass. Blocks nest. Without a tape the block just runs and its inner tensors are freed.
   */
  public static Tensor block(Ops ops, Function<Ops, Tensor> block) {
    return switch (ops.recorder()) {
      case Tape tape -> recorded(tape, block);
      case null, default -> forget(ops, block);
    };
  }

  private static Tensor recorded(Tape tape, Function<Ops, Tensor> block) {
    var captured = new Capture(tape);
    Tensor result =
        forget(
            new Ops(tape.execution(), captured),
            ops -> {
              Tensor y = block.apply(ops);
              // A result in an input's memory must not share that memory's life.
              return tape.sharesTracked(y) ? ops.apply(new Contiguous(), y)[0] : y;
            });
    Tensor[] inputs = captured.inputs.toArray(Tensor[]::new);
    if (inputs.length > 0) {
      for (Tensor t : inputs) {
        tape.pin(t);
      }
      tape.record(new Rerun(block), new Operands(inputs, new Tensor[] {result}, new Tensor[0]));
    }
    return result;
  }

  private static Tensor forget(Ops ops, Function<Ops, Tensor> block) {
    try (Workspace.Scope scope = ops.execution().workspace().openScope()) {
      Tensor result = block.apply(ops);
      scope.keep(result.lifetime());
      return result;
    }
  }

  /** Notes which tracked tensors the block reads, directly or through views; records nothing. */
  private static final class Capture implements Recorder {
    private final Tape tape;
    private final Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Tensor> views = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Tensor> inputs = new ArrayList<>();

    Capture(Tape tape) {
      this.tape = tape;
    }

    @Override
    public boolean tracks(Primitive primitive, Tensor[] in) {
      Tensor[] own = Arrays.stream(in).filter(t -> !views.contains(t)).toArray(Tensor[]::new);
      boolean tracked = tape.tracks(primitive, own);
      for (Tensor t : own) {
        if (tape.isTracked(t) && seen.add(t)) {
          inputs.add(t);
        }
      }
      return primitive instanceof ViewPrimitive && (tracked || own.length < in.length);
    }

    @Override
    public void record(Primitive view, Operands operands) {
      views.add(operands.out(0));
    }

    @Override
    public void forget(Tensor t) {
      if (!tape.sharesTracked(t)) {
        Execution.release(t);
      }
    }
  }

  private record Rerun(Function<Ops, Tensor> block) implements KernelPrimitive {
    @Override
    public String name() {
      return "recompute";
    }

    @Override
    public Plan plan(List<TensorSpec> in, boolean recording) {
      throw new IllegalStateException("planned by Recompute.block");
    }

    @Override
    public void forward(Execution x, Operands o) {
      throw new IllegalStateException("run by Recompute.block");
    }

    @Override
    public boolean readsOutput(int output) {
      return false;
    }

    @Override
    public void vjp(Execution x, Operands o, Cotangents g) {
      Tape inner = new Tape(x);
      for (Tensor t : o.in()) {
        inner.watch(t);
      }
      List<Tensor> gradients;
      try (Workspace.Scope scope = x.workspace().openScope()) {
        Tensor again = block.apply(inner.ops());
        Gradients found = inner.backward(again, g.of(0));
        gradients = Arrays.stream(o.in()).map(found::of).toList();
        gradients.forEach(t -> scope.keep(t.lifetime()));
      }
      for (int i = 0; i < o.in().length; i++) {
        g.give(i, gradients.get(i));
      }
    }
  }
}
