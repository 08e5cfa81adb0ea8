package birkhoff.transformer.exchange;

import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;

/** GPT-2's {@code config.json} at Hugging Face, as a configuration and back. */
final class HfConfig {
  private static final double EPS = 1e-5;
  private static final int MLP_FACTOR = 4;
  private static final Map<String, String> GELU =
      Map.of("gelu", "erf", "gelu_new", "tanh", "gelu_pytorch_tanh", "tanh", "gelu_fast", "tanh");

  private HfConfig() {}

  /**
   * Reads a configuration.
   *
   * @param file named in messages
   * @throws DataException when it is not of a GPT-2 that this program has
   */
  static RunConfig read(Path file, ObjectNode json, String tokenizer) {
    String type = json.path("model_type").asText("");
    check(file, type.equals("gpt2"), "model_type is '" + type + "'", "gpt2 models are read");
    String activation = json.path("activation_function").asText("gelu_new");
    check(
        file,
        GELU.containsKey(activation),
        "activation_function is " + activation,
        "there are " + GELU.keySet().stream().sorted().toList());
    double eps = json.path("layer_norm_epsilon").asDouble(EPS);
    check(file, eps == EPS, "layer_norm_epsilon is " + eps, "only " + EPS + " is computed");
    require(file, json, "scale_attn_weights", true);
    require(file, json, "scale_attn_by_inverse_layer_idx", false);
    require(file, json, "add_cross_attention", false);
    long width = positive(file, json, "n_embd");
    JsonNode inner = json.path("n_inner");
    check(
        file,
        !inner.isNumber() || inner.asLong() == MLP_FACTOR * width,
        "n_inner is " + inner,
        "the MLP is always " + MLP_FACTOR + " times as wide as the model");
    long heads = positive(file, json, "n_head");
    check(file, width % heads == 0, "n_embd is " + width, "it must be a multiple of n_head");
    String from = file.toString();
    return new RunConfigBuilder()
        .set(Keys.VOCAB_SIZE.name(), positive(file, json, "vocab_size") + "", from)
        .set(Keys.BLOCK_SIZE.name(), positive(file, json, "n_positions") + "", from)
        .set(Keys.N_LAYER.name(), positive(file, json, "n_layer") + "", from)
        .set(Keys.N_HEAD.name(), heads + "", from)
        .set(Keys.N_EMBD.name(), width + "", from)
        .set(Keys.BIAS.name(), "true", from)
        .set(Keys.GELU.name(), GELU.get(activation), from)
        .set(Keys.TIE_WORD_EMBEDDINGS.name(), flag(json, "tie_word_embeddings", true) + "", from)
        .set(Keys.HYPER_CONN_TYPE.name(), "none", from)
        .set(Keys.TOKENIZER.name(), tokenizer, from)
        .build();
  }

  private static boolean flag(ObjectNode json, String name, boolean fallback) {
    return json.path(name).asBoolean(fallback);
  }

  private static void require(Path file, ObjectNode json, String name, boolean wanted) {
    boolean value = flag(json, name, wanted);
    check(file, value == wanted, name + " is " + value, "only " + wanted + " is computed");
  }

  private static long positive(Path file, ObjectNode json, String name) {
    long value = Json.integer(file, json, name);
    check(
        file,
        value > 0 && value <= Integer.MAX_VALUE,
        name + " is " + value,
        "it must be a positive number of 31 bits");
    return value;
  }

  private static void check(Path file, boolean holds, String found, String rule) {
    if (!holds) {
      throw new DataException(file + ": " + found + "; " + rule);
    }
  }

  /** The file for a plain residual model. */
  static ObjectNode write(RunConfig config, Integer endOfText) {
    ObjectNode json = Json.object();
    json.putArray("architectures").add("GPT2LMHeadModel");
    json.put("model_type", "gpt2");
    boolean tanh = config.get(Keys.GELU).equals("tanh");
    json.put("activation_function", tanh ? "gelu_new" : "gelu");
    for (String place : new String[] {"attn_pdrop", "embd_pdrop", "resid_pdrop"}) {
      json.put(place, config.get(Keys.DROPOUT));
    }
    json.put("bos_token_id", endOfText);
    json.put("eos_token_id", endOfText);
    json.put("initializer_range", 0.02);
    json.put("layer_norm_epsilon", EPS);
    json.put("n_ctx", config.get(Keys.BLOCK_SIZE));
    json.put("n_embd", config.get(Keys.N_EMBD));
    json.put("n_head", config.get(Keys.N_HEAD));
    json.putNull("n_inner");
    json.put("n_layer", config.get(Keys.N_LAYER));
    json.put("n_positions", config.get(Keys.BLOCK_SIZE));
    json.put("reorder_and_upcast_attn", false);
    json.put("scale_attn_by_inverse_layer_idx", false);
    json.put("scale_attn_weights", true);
    json.put("tie_word_embeddings", config.get(Keys.TIE_WORD_EMBEDDINGS));
    json.put("torch_dtype", "float32");
    json.put("use_cache", true);
    json.put("vocab_size", config.get(Keys.VOCAB_SIZE));
    return json;
  }
}
