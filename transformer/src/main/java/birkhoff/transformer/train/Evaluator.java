package birkhoff.transformer.train;

import birkhoff.engine.Engine;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import birkhoff.transformer.data.Batch;
import birkhoff.transformer.data.BatchSampler;
import birkhoff.transformer.model.DropoutKeys;
import birkhoff.transformer.model.Gpt;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Measures the loss of a model without changing it. Not thread-safe. */
public final class Evaluator {
  /**
   * A measured loss.
   *
   * @param loss nats per token
   * @param tokens it was measured on
   * @param bitsPerByte of the text that the tokens stand for
   */
  public record Result(double loss, long tokens, double bitsPerByte) {}

  private final Engine engine;
  private final Gpt gpt;
  private final int[] byteLengths;
  private final Batch batch;
  private final Workspace workspace;
  private final Tensor inputs;
  private final Tensor targets;

  /**
   * Prepares evaluations.
   *
   * @param byteLengths bytes that each token stands for
   */
  public Evaluator(Engine engine, Gpt gpt, int[] byteLengths, int batchSize, int blockSize) {
    this.engine = engine;
    this.gpt = gpt;
    this.byteLengths = byteLengths;
    this.batch = new Batch(batchSize, blockSize);
    this.workspace = engine.workspace("evaluation");
    TensorSpec ids = TensorSpec.of(Shape.of(batchSize, blockSize), DType.INT32);
    this.inputs = engine.persistent("batch", ids);
    this.targets = engine.persistent("batch", ids);
  }

  /** The mean loss of micro-batches {@code 0 … count - 1} of a sampler. */
  public Result run(BatchSampler sampler, long count) {
    return run(sampler, count, () -> false).orElseThrow();
  }

  /** The same; empty when {@code stop} became true before the end. */
  public Optional<Result> run(BatchSampler sampler, long count, BooleanSupplier stop) {
    double nats = 0;
    long bytes = 0;
    for (long k = 0; k < count; k++) {
      if (stop.getAsBoolean()) {
        return Optional.empty();
      }
      sampler.fill(k, batch);
      inputs.copyFrom(batch.inputs());
      targets.copyFrom(batch.targets());
      Tensor loss = gpt.loss(engine.ops(workspace), inputs, targets, DropoutKeys.OFF);
      nats += loss.item() * batch.size();
      for (int target : batch.targets()) {
        bytes += byteLengths[target];
      }
      workspace.reset();
    }
    long tokens = count * batch.size();
    return Optional.of(new Result(nats / tokens, tokens, nats / Math.log(2) / bytes));
  }
}
