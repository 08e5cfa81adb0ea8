package birkhoff.transformer.train;

import birkhoff.engine.Engine;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.optim.AdamW;
import birkhoff.engine.optim.GradClip;
import birkhoff.engine.optim.GradientNorm;
import birkhoff.engine.optim.LrSchedule;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.data.Batch;
import birkhoff.transformer.error.DivergedException;
import birkhoff.transformer.model.DropoutKeys;
import birkhoff.transformer.model.Gpt;
import java.util.Collection;

/**
 * One optimizer step: forward, backward, clipping, update. A function of the parameters, the
 * moments, the seed and the step only. Not thread-safe.
 */
public final class TrainingStep {
  /** Source of micro-batches. */
  @FunctionalInterface
  public interface Batches {
    /** Fills the batch with micro-batch {@code index}, counted from 0 over the whole run. */
    void fill(long index, Batch batch);
  }

  /**
   * What a step measured.
   *
   * @param loss mean over the micro-batches, before the update
   * @param gradNorm before clipping
   * @param lr of the update
   */
  public record Result(double loss, double gradNorm, double lr) {}

  private final Engine engine;
  private final Gpt gpt;
  private final Batches batches;
  private final Workspace workspace;
  private final AdamW optimizer;
  private final LrSchedule schedule;
  private final Batch batch;
  private final Tensor inputs;
  private final Tensor targets;
  private final GradientSum sum;
  private final GradientNorm gradientNorm;
  private final int microBatches;
  private final double gradClip;
  private final long seed;

  /** Prepares steps of a model; the optimizer state starts at zero. */
  public TrainingStep(Engine engine, Gpt gpt, RunConfig config, Batches batches) {
    this.engine = engine;
    this.gpt = gpt;
    this.batches = batches;
    this.workspace = engine.workspace("training step");
    this.microBatches = config.get(Keys.GRADIENT_ACCUMULATION_STEPS);
    this.gradClip = config.get(Keys.GRAD_CLIP);
    this.seed = config.get(Keys.SEED);
    this.schedule = schedule(config);
    this.optimizer =
        new AdamW(
            engine,
            parameters(),
            new AdamW.Options(
                config.get(Keys.BETA1),
                config.get(Keys.BETA2),
                AdamW.Options.DEFAULT.eps(),
                config.get(Keys.WEIGHT_DECAY)));
    this.batch = new Batch(config.get(Keys.BATCH_SIZE), config.get(Keys.BLOCK_SIZE));
    TensorSpec ids = TensorSpec.of(Shape.of(batch.rows(), batch.blockSize()), DType.INT32);
    this.inputs = engine.persistent("batch", ids);
    this.targets = engine.persistent("batch", ids);
    this.gradientNorm = new GradientNorm(parameters());
    this.sum = microBatches == 1 ? null : new GradientSum(engine, parameters());
  }

  private static LrSchedule schedule(RunConfig config) {
    return config.get(Keys.DECAY_LR)
        ? LrSchedule.cosine(
            config.get(Keys.LEARNING_RATE),
            config.get(Keys.MIN_LR),
            config.get(Keys.WARMUP_ITERS),
            config.lrDecayIters())
        : LrSchedule.constant(config.get(Keys.LEARNING_RATE));
  }

  /** The state of the optimizer. */
  public AdamW optimizer() {
    return optimizer;
  }

  /** Tokens of one step. */
  public long tokens() {
    return (long) microBatches * batch.size();
  }

  /**
   * Runs step {@code step}, counted from 0.
   *
   * @throws DivergedException when the loss or a gradient is not finite; the parameters are then as
   *     they were
   */
  public Result run(long step) {
    double loss = 0;
    Gradients gradients = null;
    for (int micro = 0; micro < microBatches; micro++) {
      batches.fill(step * microBatches + micro, batch);
      inputs.copyFrom(batch.inputs());
      targets.copyFrom(batch.targets());
      Tape tape = engine.tape(workspace);
      for (Parameter p : parameters()) {
        tape.watch(p.tensor());
      }
      Tensor value = gpt.loss(tape.ops(), inputs, targets, DropoutKeys.of(seed, step, micro));
      gradients = tape.backward(value, 1.0 / microBatches);
      loss += value.item() / microBatches;
      if (sum != null) {
        sum.add(engine.execution(workspace), gradients, micro == 0);
        gradients = sum;
        workspace.reset();
      }
    }
    gradientNorm.measure(engine.execution(workspace), gradients);
    double norm = gradientNorm.value();
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw diverged(step, loss, norm, gradients);
    }
    double lr = schedule.at(step);
    optimizer.step(gradients, lr, GradClip.scale(norm, gradClip));
    workspace.reset();
    return new Result(loss, norm, lr);
  }

  private DivergedException diverged(long step, double loss, double norm, Gradients gradients) {
    String culprit = "";
    for (Parameter p : parameters()) {
      if (!allFinite(p.tensor())) {
        culprit = "; the first bad tensor is parameter " + p.name();
        break;
      }
      if (culprit.isEmpty() && !allFinite(gradients.of(p.tensor()))) {
        culprit = "; the first bad tensor is the gradient of " + p.name();
      }
    }
    return new DivergedException(
        "diverged in step "
            + (step + 1)
            + ": loss "
            + loss
            + ", gradient norm "
            + norm
            + culprit
            + "; lower learning_rate or grad_clip");
  }

  private static boolean allFinite(Tensor t) {
    for (float value : t.toFloatArray()) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  private Collection<Parameter> parameters() {
    return gpt.parameters().all();
  }
}
