package birkhoff.transformer.checkpoint;

import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.setup.Machine;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Where a run stands. Batches, dropout and initial values are functions of (seed, step), so the
 * step is also the state of the random numbers and of the sampler.
 *
 * @param step optimizer steps done
 * @param tokens trained on so far
 * @param bestValLoss lowest validation loss so far; infinite before the first evaluation
 * @param datasetSha256 of the text
 */
public record TrainProgress(long step, long tokens, double bestValLoss, String datasetSha256) {
  static final String FILE = "state.json";
  private static final String FORMAT = "birkhoff-checkpoint";
  private static final int VERSION = 1;

  /** Before the first step. */
  public static TrainProgress start(String datasetSha256) {
    return new TrainProgress(0, 0, Double.POSITIVE_INFINITY, datasetSha256);
  }

  ObjectNode toJson(RunConfig config, String tokenizerHash) {
    ObjectNode json = Json.object();
    json.put("format", FORMAT);
    json.put("version", VERSION);
    json.put("step", step);
    json.put("tokens", tokens);
    if (Double.isFinite(bestValLoss)) {
      json.put("best_val_loss", bestValLoss);
    } else {
      json.putNull("best_val_loss");
    }
    ObjectNode sampler = json.putObject("sampler");
    sampler.put("sampling", config.get(Keys.SAMPLING));
    sampler.put("next_micro_batch", step * config.get(Keys.GRADIENT_ACCUMULATION_STEPS));
    ObjectNode rng = json.putObject("rng");
    rng.put("generator", "philox4x32-10");
    rng.put("seed", config.get(Keys.SEED));
    rng.put("counter", step);
    json.put("tokenizer_sha256", tokenizerHash);
    json.put("dataset_sha256", datasetSha256);
    ObjectNode provenance = json.putObject("provenance");
    provenance.put("program", "birkhoff " + Machine.version());
    provenance.put("java", Machine.java());
    provenance.put("system", Machine.system());
    provenance.put("processor", Machine.processor());
    return json;
  }

  static TrainProgress read(Path file, String tokenizerHash) throws IOException {
    ObjectNode json = Json.read(file);
    if (!Json.string(file, json, "format").equals(FORMAT)
        || Json.integer(file, json, "version") != VERSION) {
      throw new DataException(file + " is not of format " + FORMAT + " version " + VERSION);
    }
    if (!Json.string(file, json, "tokenizer_sha256").equals(tokenizerHash)) {
      throw new DataException(
          file + ": the tokenizer beside it is not the one that the model was trained with");
    }
    long step = Json.integer(file, json, "step");
    long tokens = Json.integer(file, json, "tokens");
    if (step < 0 || tokens < 0) {
      throw new DataException(file + ": step and tokens must not be negative");
    }
    var best = json.path("best_val_loss");
    return new TrainProgress(
        step,
        tokens,
        best.isNumber() ? best.asDouble() : Double.POSITIVE_INFINITY,
        Json.string(file, json, "dataset_sha256"));
  }
}
