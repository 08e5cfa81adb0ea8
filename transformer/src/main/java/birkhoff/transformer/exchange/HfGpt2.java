package birkhoff.transformer.exchange;

import birkhoff.engine.io.AtomicFile;
import birkhoff.engine.io.AtomicFolder;
import birkhoff.engine.io.SafeTensorsWriter;
import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.tokenizer.ByteLevelVocabulary;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The folder that Hugging Face's GPT2LMHeadModel loads. */
final class HfGpt2 extends ModelFormat {
  HfGpt2() {
    super("hf-gpt2", "a folder that Hugging Face's GPT2LMHeadModel and AutoTokenizer load");
  }

  @Override
  public void write(Checkpoint saved, Path out, Consumer<String> notes) throws IOException {
    if (Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
      throw new UsageException("out=" + out + " exists; choose a new folder or remove it");
    }
    Integer end = ByteLevelVocabulary.of(saved.tokenizer()).endOfText().orElse(null);
    try (PlainModel model = PlainModel.open(saved, name())) {
      AtomicFolder.publish(
          out,
          folder -> {
            json(folder, "config.json", HfConfig.write(model.config(), end));
            json(folder, "tokenizer.json", saved.tokenizer().tokenizerJson());
            json(folder, "tokenizer_config.json", tokenizerConfig(model.config(), end));
            weights(model).write(folder.resolve("model.safetensors"));
          });
    }
    if (!saved.config().get(Keys.BIAS)) {
      notes.accept("the model has no biases; GPT-2's are written as zeros");
    }
  }

  private static void json(Path folder, String file, ObjectNode json) throws IOException {
    AtomicFile.writeString(folder.resolve(file), Json.pretty(json));
  }

  private static ObjectNode tokenizerConfig(RunConfig config, Integer end) {
    ObjectNode json = Json.object();
    json.put("tokenizer_class", "PreTrainedTokenizerFast");
    json.put("model_max_length", config.get(Keys.BLOCK_SIZE));
    json.put("clean_up_tokenization_spaces", false);
    if (end != null) {
      for (String role : new String[] {"bos_token", "eos_token", "unk_token"}) {
        json.put(role, ByteLevelVocabulary.END_OF_TEXT);
      }
    }
    return json;
  }

  private static SafeTensorsWriter weights(PlainModel model) {
    RunConfig config = model.config();
    long c = config.get(Keys.N_EMBD);
    var writer = new SafeTensorsWriter().metadata("format", "pt");
    add(writer, "transformer.wte.weight", model.tensor("transformer.wte.weight"));
    add(writer, "transformer.wpe.weight", model.tensor("transformer.wpe.weight"));
    for (int i = 0; i < config.get(Keys.N_LAYER); i++) {
      String h = "transformer.h." + i;
      layer(writer, model, h + ".ln_1", c);
      layer(writer, model, h + ".attn.c_attn", 3 * c);
      layer(writer, model, h + ".attn.c_proj", c);
      layer(writer, model, h + ".ln_2", c);
      layer(writer, model, h + ".mlp.c_fc", 4 * c);
      layer(writer, model, h + ".mlp.c_proj", c);
    }
    layer(writer, model, "transformer.ln_f", c);
    if (!config.get(Keys.TIE_WORD_EMBEDDINGS)) {
      add(writer, "lm_head.weight", model.tensor("lm_head.weight"));
    }
    return writer;
  }

  private static void layer(SafeTensorsWriter writer, PlainModel model, String name, long biases) {
    String weight = name + ".weight";
    StoredTensor stored = model.tensor(weight);
    add(writer, weight, HfNames.isTransposed(weight) ? model.transposed(stored) : stored);
    add(writer, name + ".bias", model.bias(name + ".bias", biases));
  }

  private static void add(SafeTensorsWriter writer, String name, StoredTensor tensor) {
    writer.add(name, tensor.type(), tensor.shape(), tensor.data());
  }
}
