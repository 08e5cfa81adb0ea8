package birkhoff.transformer.checkpoint;

import birkhoff.engine.Engine;
import birkhoff.engine.io.AtomicFile;
import birkhoff.engine.io.AtomicFolder;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.optim.Optimizer;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.tokenizer.Tokenizer;
import birkhoff.transformer.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An opened checkpoint folder: {@code model.safetensors}, {@code optimizer.safetensors}, {@code
 * config.json}, {@code vocabulary.json} and {@code state.json}. The tensors are read on demand.
 *
 * @param folder of the checkpoint
 * @param config that the model was trained with; {@code vocab_size} is set
 * @param tokenizer of the model
 * @param progress when it was saved
 */
public record Checkpoint(Path folder, RunConfig config, Tokenizer tokenizer, TrainProgress progress)
    implements SavedModel {
  /** Weights. */
  public static final String MODEL = "model.safetensors";

  /** A name beside the files of a run that stands for its best checkpoint. */
  private static final String BEST = "best";

  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String CONFIG = "config.json";
  private static final String TOKENIZER = "vocabulary.json";

  /**
   * Opens a checkpoint folder, the newest checkpoint of a run's folder, or its best one, which is
   * called {@code best} in that folder.
   *
   * @throws DataException when there is none or it is incomplete
   */
  public static Checkpoint open(Path path) throws IOException {
    Path folder = Files.isRegularFile(path.resolve(MODEL)) ? path : ofRun(path);
    RunConfig config =
        RunConfigText.fromJson(
            folder.resolve(CONFIG).toString(), Json.read(folder.resolve(CONFIG)));
    Path tokenizerFile = folder.resolve(TOKENIZER);
    Tokenizer tokenizer = Tokenizers.fromJson(tokenizerFile, Json.read(tokenizerFile));
    TrainProgress progress =
        TrainProgress.read(folder.resolve(TrainProgress.FILE), tokenizer.hash());
    return new Checkpoint(folder, config, tokenizer, progress);
  }

  private static Path ofRun(Path path) throws IOException {
    boolean best = path.endsWith(BEST) && !Files.exists(path);
    var store = new CheckpointStore(best ? path.resolveSibling("") : path);
    return (best ? store.best() : store.latest())
        .orElseThrow(() -> new DataException(path + " holds no checkpoint"));
  }

  /** With what it was made: {@code program}, {@code java} and so on; empty for older ones. */
  public Map<String, String> provenance() throws IOException {
    Map<String, String> provenance = new LinkedHashMap<>();
    Json.read(folder.resolve(TrainProgress.FILE))
        .path("provenance")
        .properties()
        .forEach(e -> provenance.put(e.getKey(), e.getValue().asText()));
    return provenance;
  }

  /** Writes a checkpoint and publishes it at once, whole. */
  public static void write(
      Path folder,
      RunConfig config,
      Tokenizer tokenizer,
      TrainProgress progress,
      Parameters parameters,
      Optimizer optimizer)
      throws IOException {
    AtomicFolder.publish(
        folder,
        temporary -> {
          TensorFiles.write(
              temporary.resolve(MODEL), weights(parameters), Map.of("format", "birkhoff"));
          TensorFiles.write(
              temporary.resolve(OPTIMIZER),
              optimizer.state(),
              Map.of("format", "birkhoff", "step", Long.toString(optimizer.steps())));
          AtomicFile.writeString(
              temporary.resolve(CONFIG), Json.pretty(RunConfigText.json(config)));
          AtomicFile.writeString(temporary.resolve(TOKENIZER), Json.pretty(tokenizer.toJson()));
          AtomicFile.writeString(
              temporary.resolve(TrainProgress.FILE),
              Json.pretty(progress.toJson(config, tokenizer.hash())));
        });
  }

  /**
   * The model, to be run and not trained.
   *
   * @param weights type that its matrices are kept in
   * @throws DataException when the weights do not fit the configuration
   */
  public Gpt forInference(Engine engine, DType weights) throws IOException {
    Gpt gpt = Gpt.forInference(engine, Setup.gpt(config), weights, 0);
    readWeights(gpt.parameters());
    return gpt;
  }

  @Override
  public void readWeights(Parameters parameters) throws IOException {
    TensorFiles.read(folder.resolve(MODEL), parameters);
  }

  /**
   * Overwrites the state of an optimizer with the saved one.
   *
   * @throws DataException when they do not fit
   */
  public void readOptimizer(Optimizer optimizer) throws IOException {
    TensorFiles.read(folder.resolve(OPTIMIZER), optimizer.state());
    optimizer.setSteps(progress.step());
  }

  private static Map<String, Tensor> weights(Parameters parameters) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    parameters.all().forEach(p -> weights.put(p.name(), p.tensor()));
    return weights;
  }
}
