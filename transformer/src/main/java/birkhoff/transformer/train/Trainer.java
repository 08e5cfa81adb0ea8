package birkhoff.transformer.train;

import birkhoff.engine.nn.Parameter;
import birkhoff.engine.profile.NonFiniteWatch;
import birkhoff.engine.tensor.Tensor;
import birkhoff.transformer.checkpoint.CheckpointStore;
import birkhoff.transformer.checkpoint.TrainProgress;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.data.Batch;
import birkhoff.transformer.data.BatchSampler;
import birkhoff.transformer.data.Corpus;
import birkhoff.transformer.diagnostics.MixerProbe;
import birkhoff.transformer.diagnostics.MixerWatch;
import birkhoff.transformer.error.DivergedException;
import birkhoff.transformer.metrics.EvaluationReport;
import birkhoff.transformer.metrics.ProcessMemory;
import birkhoff.transformer.metrics.RunSink;
import birkhoff.transformer.metrics.SampleReport;
import birkhoff.transformer.metrics.StepReport;
import birkhoff.transformer.metrics.StreamsReport;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.sample.Generator;
import birkhoff.transformer.sample.SamplingOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The training loop. Runs on the calling thread; used once. */
public final class Trainer {
  /** How a run ended. */
  public enum Outcome {
    FINISHED,
    /** The validation loss has not fallen for as long as {@code early_stopping} says. */
    STOPPED_EARLY,
    INTERRUPTED
  }

  /**
   * What a run works with.
   *
   * @param config effective configuration
   * @param gpt model, whose parameters change
   * @param step optimizer and batches
   * @param evaluator of the model
   * @param generator of samples
   * @param probe of the mixers, where the model has streams
   * @param corpus data
   * @param store of checkpoints
   * @param sinks told in this order
   * @param peakFlops measured peak of the machine in FLOP per second; NaN when unknown
   */
  public record Parts(
      RunConfig config,
      Gpt gpt,
      TrainingStep step,
      Evaluator evaluator,
      Generator generator,
      Optional<MixerProbe> probe,
      Corpus corpus,
      CheckpointStore store,
      List<RunSink> sinks,
      double peakFlops) {}

  private final Parts parts;
  private final RunConfig config;
  private final BatchSampler trainSampler;
  private final BatchSampler valSampler;
  private final int[] prompt;
  private final double flopsPerToken;
  private TrainProgress progress;

  /**
   * Prepares a run.
   *
   * @param progress where it starts
   */
  public Trainer(Parts parts, TrainProgress progress) {
    this.parts = parts;
    this.config = parts.config();
    this.progress = progress;
    int blockSize = config.get(Keys.BLOCK_SIZE);
    long seed = config.get(Keys.SEED);
    this.trainSampler =
        new BatchSampler.RandomWindows(
            parts.corpus().train(), blockSize, seed, BatchSampler.Stream.TRAIN_EVALUATION);
    this.valSampler =
        new BatchSampler.RandomWindows(
            parts.corpus().val(), blockSize, seed, BatchSampler.Stream.VAL_EVALUATION);
    this.prompt =
        config.get(Keys.SAMPLE_INTERVAL) == 0
            ? new int[0]
            : parts.generator().prompt(config.get(Keys.PROMPT));
    this.flopsPerToken = parts.gpt().config().trainingFlopsPerToken(blockSize);
  }

  /**
   * Trains until {@code max_iters} steps are done.
   *
   * @param stop asked before every step; when true, the run is saved and ends
   */
  public Outcome run(BooleanSupplier stop) throws IOException {
    if (config.get(Keys.EVAL_ONLY)) {
      evaluate(stop);
      return Outcome.FINISHED;
    }
    int last = config.get(Keys.MAX_ITERS);
    while (progress.step() < last) {
      if (stop.getAsBoolean()) {
        save();
        return Outcome.INTERRUPTED;
      }
      StepReport report = step();
      boolean end = report.step() == last;
      if (isLogged(report.step())) {
        for (RunSink sink : parts.sinks()) {
          sink.step(report);
        }
      }
      if (report.step() % config.get(Keys.EVAL_INTERVAL) == 0 || end) {
        checkpointAndEvaluate(stop);
      }
      boolean early = !end && !stop.getAsBoolean() && stopsEarly();
      int sampleInterval = config.get(Keys.SAMPLE_INTERVAL);
      if (sampleInterval > 0
          && !stop.getAsBoolean()
          && (report.step() % sampleInterval == 0 || end || early)) {
        sample();
      }
      if (early) {
        return Outcome.STOPPED_EARLY;
      }
    }
    return Outcome.FINISHED;
  }

  private boolean stopsEarly() throws IOException {
    int patience = config.get(Keys.EARLY_STOPPING);
    int interval = config.get(Keys.EVAL_INTERVAL);
    if (patience == 0 || progress.step() % interval != 0) {
      return false;
    }
    long best = parts.store().bestStep().orElse(0);
    return progress.step() / interval - best / interval >= patience;
  }

  private boolean isLogged(long step) {
    return step % config.get(Keys.LOG_INTERVAL) == 0
        || step == 1
        || step == config.get(Keys.MAX_ITERS);
  }

  private StepReport step() {
    long start = System.nanoTime();
    TrainingStep.Result result = parts.step().run(progress.step());
    double seconds = (System.nanoTime() - start) / 1e9;
    long tokens = parts.step().tokens();
    progress =
        new TrainProgress(
            progress.step() + 1,
            progress.tokens() + tokens,
            progress.bestValLoss(),
            progress.datasetSha256());
    var report =
        new StepReport(
            progress.step(),
            result.loss(),
            result.lr(),
            result.gradNorm(),
            seconds * 1e3,
            tokens / seconds,
            progress.tokens(),
            flopsPerToken * tokens / seconds / parts.peakFlops(),
            isLogged(progress.step()) ? ProcessMemory.residentMb() : Double.NaN);
    for (RunSink sink : parts.sinks()) {
      sink.progress(report);
    }
    return report;
  }

  private void checkpointAndEvaluate(BooleanSupplier stop) throws IOException {
    boolean always = config.get(Keys.ALWAYS_SAVE_CHECKPOINT);
    if (always) {
      save();
    }
    if (evaluate(stop)) {
      if (!always) {
        save();
      }
      parts.store().markBest(progress.step(), progress.bestValLoss());
    }
    parts.store().prune(config.get(Keys.KEEP_LAST), config.get(Keys.KEEP_EVERY));
  }

  /**
   * Saves, unless a number is not finite: such a checkpoint is of no use, and would in time take
   * the place of the last good one.
   */
  private void save() throws IOException {
    for (Parameter p : parts.gpt().parameters().all()) {
      requireFinite("parameter " + p.name(), p.tensor());
    }
    parts.step().optimizer().state().forEach((n, t) -> requireFinite("optimizer state " + n, t));
    Path saved =
        parts
            .store()
            .save(
                config,
                parts.corpus().tokenizer(),
                progress,
                parts.gpt().parameters(),
                parts.step().optimizer());
    for (RunSink sink : parts.sinks()) {
      sink.saved(progress.step(), saved);
    }
  }

  private void requireFinite(String name, Tensor t) {
    if (!NonFiniteWatch.isFinite(t)) {
      throw new DivergedException(
          "diverged in step "
              + progress.step()
              + ": "
              + name
              + " is not finite after the update; lower learning_rate or grad_clip");
    }
  }

  /** Tells whether the validation loss is the lowest so far; reports nothing when stopped. */
  private boolean evaluate(BooleanSupplier stop) throws IOException {
    int count = config.get(Keys.EVAL_ITERS);
    var measuredTrain = parts.evaluator().run(trainSampler, count, stop);
    var measuredVal = parts.evaluator().run(valSampler, count, stop);
    if (measuredTrain.isEmpty() || measuredVal.isEmpty()) {
      return false;
    }
    Evaluator.Result train = measuredTrain.get();
    Evaluator.Result val = measuredVal.get();
    var report = new EvaluationReport(progress.step(), train.loss(), val.loss(), val.bitsPerByte());
    for (RunSink sink : parts.sinks()) {
      sink.evaluated(report);
    }
    if (parts.probe().isPresent()) {
      StreamsReport streams = lookAtStreams(parts.probe().get());
      for (RunSink sink : parts.sinks()) {
        sink.mixed(streams);
      }
    }
    if (val.loss() < progress.bestValLoss()) {
      progress =
          new TrainProgress(
              progress.step(), progress.tokens(), val.loss(), progress.datasetSha256());
      return true;
    }
    return false;
  }

  /** On one sequence of validation text, the same every time. */
  private StreamsReport lookAtStreams(MixerProbe probe) {
    var batch = new Batch(1, config.get(Keys.BLOCK_SIZE));
    valSampler.fill(0, batch);
    MixerWatch watch = probe.watch();
    probe.look(batch.inputs(), watch);
    return new StreamsReport(progress.step(), watch.sublayers(), watch.composite());
  }

  private void sample() throws IOException {
    var options = SamplingOptions.of(0.8, config.get(Keys.SEED));
    int[] tokens =
        parts
            .generator()
            .generate(prompt, config.get(Keys.SAMPLE_TOKENS), options, token -> true)
            .tokens();
    String text = config.get(Keys.PROMPT) + parts.corpus().tokenizer().decode(tokens);
    for (RunSink sink : parts.sinks()) {
      sink.sampled(new SampleReport(progress.step(), text));
    }
  }
}
