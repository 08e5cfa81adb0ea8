package birkhoff.engine.autograd;

import birkhoff.engine.memory.Workspace;
import birkhoff.engine.op.Ops;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.primitive.Primitive;
import birkhoff.engine.primitive.Recorder;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.ArrayList;
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
   * it uses (watched or computed on {@code tape}, or constants): it runs twice.
   */
  public static Tensor block(Tape tape, Function<Ops, Tensor> block) {
    var captured = new Capture(tape);
    Execution x = tape.execution();
    Tensor result;
    try (Workspace.Scope scope = x.workspace().openScope()) {
      result = block.apply(new Ops(x, captured));
      scope.keep(result.lifetime());
    }
    Tensor[] inputs = captured.inputs.toArray(Tensor[]::new);
    if (inputs.length > 0) {
      tape.record(new Rerun(block), new Operands(inputs, new Tensor[] {result}, new Tensor[0]));
    }
    return result;
  }

  /** Notes which tracked tensors the block reads; records nothing. */
  private static final class Capture implements Recorder {
    private final Tape tape;
    private final Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Tensor> inputs = new ArrayList<>();

    Capture(Tape tape) {
      this.tape = tape;
    }

    @Override
    public boolean tracks(String op, Tensor[] in) {
      if (tape.tracks(op, in)) {
        for (Tensor t : in) {
          if (tape.isTracked(t) && seen.add(t)) {
            inputs.add(t);
          }
        }
      }
      return false;
    }

    @Override
    public void record(Primitive primitive, Operands operands) {
      throw new IllegalStateException("nothing is recorded inside a recomputed block");
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
    public void vjp(Execution x, Operands o, Cotangents g) {
      Tape inner = new Tape(x);
      for (Tensor t : o.in()) {
        inner.watch(t);
      }
      Tensor again = block.apply(inner.ops());
      Gradients gradients = inner.backward(again, g.of(0));
      for (int i = 0; i < o.in().length; i++) {
        g.give(i, gradients.of(o.in(i)));
      }
      Execution.release(again);
    }
  }
}
