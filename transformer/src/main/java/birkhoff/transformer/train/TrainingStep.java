package birkhoff.transformer.train;

import birkhoff.engine.Engine;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.optim.GradClip;
import birkhoff.engine.optim.GradientNorm;
import birkhoff.engine.optim.LrSchedule;
import birkhoff.engine.optim.Optimizer;
import birkhoff.engine.profile.NonFiniteWatch;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.data.Batch;
import birkhoff.transformer.data.BatchSampler;
import birkhoff.transformer.data.Tokens;
import birkhoff.transformer.error.DivergedException;
import birkhoff.transformer.model.DropoutKeys;
import birkhoff.transformer.model.Gpt;
import java.util.Collection;

/**
 * One optimizer step: forward, backward, clipping, update. A function of the parameters, the
 * moments, the seed and the step only. Not thread-safe.
 *
 * <p>Equal steps are equal lists of jobs on the same memory. The first step is done as written, the
 * second is recorded, in the third a replay of the record must give the bits of the step done as
 * written, and from then on steps are replayed, which costs neither time nor garbage for shapes,
 * tapes and handles. In debug mode and while somebody observes operations nothing is replayed.
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

  private enum Stage {
    FIRST,
    RECORD,
    CHECK,
    REPLAY,
    /** The check failed: some operation works on memory outside of jobs. */
    REFUSED
  }

  private final Engine engine;
  private final Gpt gpt;
  private final Batches batches;
  private final DropoutKeys.Training keys;
  private final StepWork work;
  private final Optimizer optimizer;
  private final LrSchedule schedule;
  private final Batch batch;
  private final Tensor inputs;
  private final Tensor targets;
  private final GradientNorm gradientNorm;
  private final int microBatches;
  private final double gradClip;
  private RecordedStep recorded;
  private Stage stage = Stage.FIRST;
  private double loss;
  private double norm;

  /** Prepares steps on the windows of a text that the configuration asks for. */
  public static TrainingStep on(Engine engine, Gpt gpt, RunConfig config, Tokens text) {
    BatchSampler sampler =
        BatchSampler.of(
            config.get(Keys.SAMPLING),
            text,
            config.get(Keys.BLOCK_SIZE),
            config.get(Keys.SEED),
            BatchSampler.Stream.TRAINING);
    return new TrainingStep(engine, gpt, config, sampler::fill);
  }

  /** Prepares steps of a model; the optimizer state starts at zero. */
  public TrainingStep(Engine engine, Gpt gpt, RunConfig config, Batches batches) {
    this.engine = engine;
    this.gpt = gpt;
    this.batches = batches;
    this.microBatches = config.get(Keys.GRADIENT_ACCUMULATION_STEPS);
    this.gradClip = config.get(Keys.GRAD_CLIP);
    this.keys = new DropoutKeys.Training(config.get(Keys.SEED));
    this.schedule = Optimizers.schedule(config);
    this.optimizer = Optimizers.of(engine, gpt, config);
    this.batch = new Batch(config.get(Keys.BATCH_SIZE), config.get(Keys.BLOCK_SIZE));
    TensorSpec ids = TensorSpec.of(Shape.of(batch.rows(), batch.blockSize()), DType.INT32);
    this.inputs = engine.persistent("batch", ids);
    this.targets = engine.persistent("batch", ids);
    this.gradientNorm = new GradientNorm(parameters());
    this.work =
        new StepWork(engine, gpt, optimizer, gradientNorm, keys, inputs, targets, microBatches);
  }

  /** The state of the optimizer. */
  public Optimizer optimizer() {
    return optimizer;
  }

  /** Tokens of one step. */
  public long tokens() {
    return (long) microBatches * batch.size();
  }

  /** Whether steps are replayed by now. */
  public boolean replays() {
    return stage == Stage.REPLAY;
  }

  /**
   * Runs step {@code step}, counted from 0.
   *
   * @throws DivergedException when the loss or a gradient is not finite; the parameters are then as
   *     they were
   */
  public Result run(long step) {
    try {
      if (engine.config().debug() || !engine.observers().isEmpty()) {
        return run(step, work);
      }
      return switch (stage) {
        case FIRST -> {
          Result result = run(step, work);
          stage = Stage.RECORD;
          yield result;
        }
        case RECORD -> {
          recorded = new RecordedStep(engine.team(), work);
          Result result = run(step, recorded);
          recorded.replay();
          stage = Stage.CHECK;
          yield result;
        }
        case CHECK -> check(step);
        case REPLAY -> run(step, recorded);
        case REFUSED -> run(step, work);
      };
    } finally {
      work.end();
    }
  }

  /**
   * Does the step both ways, up to the update. What a replay would miss shows in the loss or the
   * norm: the parameters, the batch and the dropout keys are not those of the recorded step.
   */
  private Result check(long step) {
    measure(step, recorded);
    double replayedLoss = loss;
    double replayedNorm = norm;
    Result result = run(step, work);
    boolean equal =
        Double.compare(result.loss, replayedLoss) == 0
            && Double.compare(result.gradNorm, replayedNorm) == 0;
    stage = equal ? Stage.REPLAY : Stage.REFUSED;
    return result;
  }

  private void measure(long step, StepPass pass) {
    loss = 0;
    for (int micro = 0; micro < microBatches; micro++) {
      batches.fill(step * microBatches + micro, batch);
      inputs.copyFrom(batch.inputs());
      targets.copyFrom(batch.targets());
      keys.moveTo(step, micro);
      pass.gradients(micro == 0);
      loss += work.loss() / microBatches;
    }
    pass.norm();
    norm = gradientNorm.value();
  }

  private Result run(long step, StepPass pass) {
    measure(step, pass);
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw diverged(step);
    }
    double lr = schedule.at(step);
    optimizer.advance(lr, GradClip.scale(norm, gradClip));
    pass.update();
    return new Result(loss, norm, lr);
  }

  /** Does the step again, with operations and gradients that can be looked at. */
  private DivergedException diverged(long step) {
    double badLoss = loss;
    double badNorm = norm;
    String culprit = "";
    String operation;
    try (var watch = NonFiniteWatch.on(engine)) {
      measure(step, work);
      operation =
          watch.first().map(op -> "; the first operation that is not finite: " + op).orElse("");
    }
    Gradients gradients = work.gradients();
    for (Parameter p : parameters()) {
      if (!NonFiniteWatch.isFinite(p.tensor())) {
        culprit = "; the first bad tensor is parameter " + p.name();
        break;
      }
      if (culprit.isEmpty() && !NonFiniteWatch.isFinite(gradients.of(p.tensor()))) {
        culprit = "; the first bad tensor is the gradient of " + p.name();
      }
    }
    return new DivergedException(
        "diverged in step "
            + (step + 1)
            + ": loss "
            + badLoss
            + ", gradient norm "
            + badNorm
            + culprit
            + operation
            + "; lower learning_rate or grad_clip");
  }

  private Collection<Parameter> parameters() {
    return gpt.parameters().all();
  }
}
