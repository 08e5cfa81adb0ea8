package birkhoff.transformer.train;

import birkhoff.engine.Engine;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.optim.GradientNorm;
import birkhoff.engine.optim.Optimizer;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.Moves;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import birkhoff.transformer.model.DropoutKeys;
import birkhoff.transformer.model.Gpt;
import java.util.Collection;

/**
 * The three parts of a step that touch tensors, each in a form that can be recorded: what differs
 * from step to step (tokens, dropout keys, coefficients) is read from fixed places when the work is
 * done, results go to fixed places. Not thread-safe.
 */
final class StepWork implements StepPass {
  private final Engine engine;
  private final Gpt gpt;
  private final Workspace workspace;
  private final Optimizer optimizer;
  private final GradientNorm norm;
  private final DropoutKeys keys;
  private final Tensor inputs;
  private final Tensor targets;
  private final Tensor loss;
  private final GradientSum sum;
  private final double scale;
  private Gradients gradients;

  /**
   * @param inputs where the micro-batch's tokens are, likewise {@code targets}
   * @param microBatches of a step
   */
  StepWork(
      Engine engine,
      Gpt gpt,
      Optimizer optimizer,
      GradientNorm norm,
      DropoutKeys keys,
      Tensor inputs,
      Tensor targets,
      int microBatches) {
    this.engine = engine;
    this.gpt = gpt;
    this.workspace = engine.workspace("training step");
    this.optimizer = optimizer;
    this.norm = norm;
    this.keys = keys;
    this.inputs = inputs;
    this.targets = targets;
    this.loss = engine.persistent("loss", TensorSpec.of(Shape.of(), gpt.parameters().dtype()));
    this.sum = microBatches == 1 ? null : new GradientSum(engine, parameters());
    this.scale = 1.0 / microBatches;
  }

  @Override
  public void gradients(boolean first) {
    Execution x = engine.execution(workspace);
    Tape tape = engine.tape(workspace);
    for (Parameter p : parameters()) {
      tape.watch(p.tensor());
    }
    Tensor value = gpt.loss(tape.ops(), inputs, targets, keys);
    gradients = tape.backward(value, scale);
    Moves.copy(x, value, loss);
    if (sum != null) {
      sum.add(x, gradients, first);
      gradients = sum;
      workspace.reset();
    }
  }

  @Override
  public void norm() {
    norm.measure(engine.execution(workspace), gradients);
  }

  @Override
  public void update() {
    optimizer.apply(gradients);
  }

  /** The loss of the micro-batch worked on last. */
  double loss() {
    return loss.item();
  }

  /** The gradients of the step, as long as it lasts. */
  Gradients gradients() {
    return gradients;
  }

  /** Ends a step: its memory is free for the next one. */
  void end() {
    workspace.reset();
  }

  private Collection<Parameter> parameters() {
    return gpt.parameters().all();
  }
}
