package birkhoff.transformer.exchange;

import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.tokenizer.ByteLevelVocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** The file that llama.cpp loads as architecture {@code gpt2}. */
final class Gguf extends ModelFormat {
  private static final float EPS = 1e-5f;
  private static final int NORMAL = 1;
  private static final int CONTROL = 3;
  private static final int UNUSED = 5;

  Gguf() {
    super("gguf", "one float32 file that llama.cpp loads");
  }

  @Override
  public void write(Checkpoint saved, Path out, Consumer<String> notes) throws IOException {
    try (PlainModel model = PlainModel.open(saved, name())) {
      var writer = new GgufWriter();
      sizes(writer, model.config());
      vocabulary(
          writer,
          ByteLevelVocabulary.of(saved.tokenizer()),
          model.config().get(Keys.VOCAB_SIZE),
          notes);
      tensors(writer, model);
      writer.write(out);
    }
    if (saved.config().get(Keys.GELU).equals("erf")) {
      notes.accept(
          "the model has the exact GELU, llama.cpp computes GPT-2's formula: logits will differ a"
              + " little; train with --gelu=tanh to have the same");
    }
  }

  private static void sizes(GgufWriter writer, RunConfig config) {
    int width = config.get(Keys.N_EMBD);
    writer
        .put("general.architecture", "gpt2")
        .put("general.name", "birkhoff")
        .put("general.file_type", 0)
        .put("gpt2.block_count", config.get(Keys.N_LAYER))
        .put("gpt2.context_length", config.get(Keys.BLOCK_SIZE))
        .put("gpt2.embedding_length", width)
        .put("gpt2.feed_forward_length", 4 * width)
        .put("gpt2.attention.head_count", config.get(Keys.N_HEAD))
        .put("gpt2.attention.layer_norm_epsilon", EPS);
  }

  private static void vocabulary(
      GgufWriter writer, ByteLevelVocabulary vocabulary, int rows, Consumer<String> notes) {
    List<String> tokens = new ArrayList<>(vocabulary.tokens());
    int[] types = new int[rows];
    Arrays.setAll(
        types,
        id -> id >= tokens.size() ? UNUSED : vocabulary.special().get(id) ? CONTROL : NORMAL);
    for (int id = tokens.size(); id < rows; id++) {
      tokens.add("[PAD" + id + "]");
    }
    // Without a number of ours llama.cpp takes one of its own, whatever that is here.
    int end = vocabulary.endOfText().orElse(0);
    writer
        .put("tokenizer.ggml.model", "gpt2")
        .put("tokenizer.ggml.pre", "gpt-2")
        .put("tokenizer.ggml.tokens", tokens)
        .put("tokenizer.ggml.token_type", types)
        .put("tokenizer.ggml.merges", vocabulary.merges())
        .put("tokenizer.ggml.bos_token_id", end)
        .put("tokenizer.ggml.eos_token_id", end)
        .put("tokenizer.ggml.add_bos_token", false);
    if (vocabulary.endOfText().isEmpty()) {
      notes.accept(
          "the tokenizer has no token that ends a text, which llama.cpp asks for: the first token"
              + " stands for it, so run llama.cpp with --ignore-eos");
    }
  }

  private static void tensors(GgufWriter writer, PlainModel model) {
    RunConfig config = model.config();
    long c = config.get(Keys.N_EMBD);
    writer.tensor("token_embd.weight", model.tensor("transformer.wte.weight"));
    writer.tensor("position_embd.weight", model.tensor("transformer.wpe.weight"));
    for (int i = 0; i < config.get(Keys.N_LAYER); i++) {
      String h = "transformer.h." + i + ".";
      String block = "blk." + i + ".";
      layer(writer, model, block + "attn_norm", h + "ln_1", c);
      layer(writer, model, block + "attn_qkv", h + "attn.c_attn", 3 * c);
      layer(writer, model, block + "attn_output", h + "attn.c_proj", c);
      layer(writer, model, block + "ffn_norm", h + "ln_2", c);
      layer(writer, model, block + "ffn_up", h + "mlp.c_fc", 4 * c);
      layer(writer, model, block + "ffn_down", h + "mlp.c_proj", c);
    }
    layer(writer, model, "output_norm", "transformer.ln_f", c);
    if (!config.get(Keys.TIE_WORD_EMBEDDINGS)) {
      writer.tensor("output.weight", model.tensor("lm_head.weight"));
    }
  }

  private static void layer(
      GgufWriter writer, PlainModel model, String theirs, String ours, long biases) {
    writer.tensor(theirs + ".weight", model.tensor(ours + ".weight"));
    writer.tensor(theirs + ".bias", model.bias(ours + ".bias", biases));
  }
}
