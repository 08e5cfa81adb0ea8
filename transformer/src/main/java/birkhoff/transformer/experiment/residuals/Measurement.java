package birkhoff.transformer.experiment.residuals;

import birkhoff.engine.Engine;
import birkhoff.engine.io.AtomicFile;
import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.data.Batch;
import birkhoff.transformer.data.BatchSampler;
import birkhoff.transformer.data.Corpus;
import birkhoff.transformer.diagnostics.MixerProbe;
import birkhoff.transformer.diagnostics.MixerWatch;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.train.Evaluator;
import birkhoff.transformer.train.TrainingStep;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Measures a finished run: the loss before its first step and after its last one on the same
 * validation batches, the memory of a step, and the mixers. {@code mixers.json} in the run's folder
 * keeps it.
 */
final class Measurement {
  private static final String FILE = "mixers.json";
  private static final int WATCHED_BATCHES = 4;

  /** Two show the peak: the first step fills the workspace, the second is recorded. */
  private static final int STEPS = 2;

  private static final List<String> NUMBERS =
      List.of(
          "initial_loss", "val_loss", "bits_per_byte", "tokens", "parameters", "native_peak_mb");

  private Measurement() {}

  /** What was measured after that many steps; empty when not all was, or of another run. */
  static Optional<ObjectNode> read(Path run, Checkpoint finished) throws IOException {
    Path file = run.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    ObjectNode json = Json.read(file);
    boolean fits =
        json.path("step").asLong(-1) == finished.progress().step()
            && json.path("dataset_sha256").asText().equals(finished.progress().datasetSha256())
            && NUMBERS.stream().allMatch(name -> json.path(name).isNumber());
    return fits ? Optional.of(json) : Optional.empty();
  }

  /** Measures and writes; empty when {@code stop} became true before the end. */
  static Optional<ObjectNode> measure(Path run, Checkpoint finished, BooleanSupplier stop)
      throws IOException {
    RunConfig config = finished.config();
    try (Corpus corpus = Corpus.open(config.get(Keys.DATASET), finished.tokenizer());
        Engine engine = Setup.trainingEngine(config)) {
      Gpt gpt = Setup.model(engine, config);
      int blockSize = config.get(Keys.BLOCK_SIZE);
      long seed = config.get(Keys.SEED);
      var evaluator =
          new Evaluator(
              engine,
              gpt,
              corpus.tokenizer().byteLengths(),
              config.get(Keys.BATCH_SIZE),
              blockSize);
      var validation =
          new BatchSampler.RandomWindows(
              corpus.val(), blockSize, seed, BatchSampler.Stream.VAL_EVALUATION);
      int count = config.get(Keys.EVAL_ITERS);
      Optional<Evaluator.Result> first = evaluator.run(validation, count, stop);
      if (first.isEmpty()) {
        return Optional.empty();
      }
      double megabytes = stepMemory(engine, gpt, config, corpus);
      finished.readWeights(gpt.parameters());
      Optional<Evaluator.Result> last = evaluator.run(validation, count, stop);
      if (last.isEmpty()) {
        return Optional.empty();
      }
      ObjectNode json = Json.object();
      json.put("step", finished.progress().step());
      json.put("dataset_sha256", finished.progress().datasetSha256());
      json.put("initial_loss", first.get().loss());
      json.put("val_loss", last.get().loss());
      json.put("bits_per_byte", last.get().bitsPerByte());
      json.put("tokens", finished.progress().tokens());
      json.put("parameters", gpt.parameters().count());
      json.put("native_peak_mb", megabytes);
      if (!config.get(Keys.HYPER_CONN_TYPE).equals(ResidualsCase.PLAIN)) {
        json.set("mixers", watch(engine, gpt, config, validation).toJson());
      }
      AtomicFile.writeString(run.resolve(FILE), Json.pretty(json));
      return Optional.of(json);
    }
  }

  /**
   * The most memory outside the heap that training holds, in 10^6 bytes. Equal steps use equal
   * memory, so a few of them, with an evaluation before, show what the whole run took. They change
   * the parameters.
   */
  private static double stepMemory(Engine engine, Gpt gpt, RunConfig config, Corpus corpus) {
    var step = TrainingStep.on(engine, gpt, config, corpus.train());
    for (int i = 0; i < STEPS; i++) {
      step.run(i);
    }
    return engine.ledger().peak() / 1e6;
  }

  private static MixerWatch watch(
      Engine engine, Gpt gpt, RunConfig config, BatchSampler validation) {
    var batch = new Batch(config.get(Keys.BATCH_SIZE), config.get(Keys.BLOCK_SIZE));
    var probe = new MixerProbe(engine, gpt, batch.rows(), batch.blockSize());
    MixerWatch watch = probe.watch();
    for (int k = 0; k < Math.min(WATCHED_BATCHES, config.get(Keys.EVAL_ITERS)); k++) {
      validation.fill(k, batch);
      probe.look(batch.inputs(), watch);
    }
    return watch;
  }
}
