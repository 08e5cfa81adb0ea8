package birkhoff.transformer.exchange;

import birkhoff.engine.nn.Parameter;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.tensor.Tensor;
import birkhoff.transformer.checkpoint.Positions;
import birkhoff.transformer.checkpoint.SavedModel;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.tokenizer.Tokenizer;
import birkhoff.transformer.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A Hugging Face folder with a GPT-2: {@code config.json}, {@code model.safetensors} or its shards,
 * and a tokenizer. Weights in float16 and bfloat16 are widened.
 *
 * @param folder of it
 * @param config sizes, without dropout
 * @param tokenizer of it
 */
public record HfFolder(Path folder, RunConfig config, Tokenizer tokenizer) implements SavedModel {
  private static final String CONFIG = "config.json";
  private static final Set<Integer> GPT2_ROWS = Set.of(50_257, 50_304);

  /**
   * Reads everything but the weights.
   *
   * @param tokenizerName kind to take instead of the folder's; empty for the folder's. One of
   *     GPT-2's size that has none is taken to be of GPT-2's own
   * @throws DataException when the folder holds no GPT-2 that this program has
   */
  public static HfFolder open(Path folder, String tokenizerName) throws IOException {
    Path file = folder.resolve(CONFIG);
    var json = Json.read(file);
    int rows = HfConfig.read(file, json, "gpt2").get(Keys.VOCAB_SIZE);
    Tokenizer tokenizer = tokenizer(folder, tokenizerName, rows);
    if (tokenizer.vocabularySize() > rows) {
      throw new DataException(
          folder
              + ": the tokenizer has "
              + tokenizer.vocabularySize()
              + " tokens, the embedding only "
              + rows
              + " rows");
    }
    return new HfFolder(folder, HfConfig.read(file, json, tokenizer.name()), tokenizer);
  }

  private static Tokenizer tokenizer(Path folder, String name, int rows) throws IOException {
    if (!name.isEmpty()) {
      return Tokenizers.ofName(name);
    }
    Optional<Tokenizer> own = Tokenizers.ofFolder(folder);
    if (own.isEmpty() && !GPT2_ROWS.contains(rows)) {
      throw new DataException(
          folder
              + " has no tokenizer.json, nor vocab.json and merges.txt; name one with"
              + " --tokenizer=gpt2, byte or a tokenizer.json");
    }
    return own.isPresent() ? own.get() : Tokenizers.ofName("gpt2");
  }

  @Override
  public void readWeights(Parameters parameters) throws IOException {
    try (HfWeights weights = HfWeights.open(folder)) {
      Map<String, StoredTensor> stored = weights.tensors();
      check(stored, parameters);
      for (Parameter p : parameters.all()) {
        StoredTensor from = stored.get(p.name());
        p.fill(parameters.engine(), t -> copy(from, p.name(), t));
      }
    }
  }

  private static void copy(StoredTensor from, String name, Tensor to) {
    if (HfNames.isTransposed(name)) {
      from.transposeTo(to.data());
    } else {
      from.copyTo(to.data());
    }
  }

  private void check(Map<String, StoredTensor> stored, Parameters parameters) {
    var unknown = new TreeSet<>(stored.keySet());
    if (config.get(Keys.TIE_WORD_EMBEDDINGS)) {
      // Some programs save the embedding twice.
      unknown.remove("lm_head.weight");
    }
    for (Parameter p : parameters.all()) {
      StoredTensor tensor = stored.get(p.name());
      if (tensor == null) {
        throw new DataException(folder + ": tensor '" + p.name() + "' is missing");
      }
      unknown.remove(p.name());
      long[] wanted = p.tensor().shape().toArray();
      boolean cut = Positions.cover(p.name(), tensor.shape(), wanted);
      if (HfNames.isTransposed(p.name())) {
        wanted = new long[] {wanted[1], wanted[0]};
      }
      if (!tensor.isFloat() || !tensor.hasShape(wanted) && !cut) {
        throw new DataException(
            tensor.where()
                + " is "
                + tensor.type()
                + Arrays.toString(tensor.shape())
                + ", config.json means F32, F16 or BF16 "
                + Arrays.toString(wanted));
      }
    }
    if (!unknown.isEmpty()) {
      throw new DataException(folder + " has tensors that GPT-2 lacks: " + unknown);
    }
  }
}
