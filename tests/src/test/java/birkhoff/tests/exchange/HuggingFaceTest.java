package birkhoff.tests.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.engine.io.SafeTensorsType;
import birkhoff.tests.e2e.SmallRun;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** GPT-2s in Hugging Face's layout: bit for bit in, and out again. */
class HuggingFaceTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir private Path folder;

  private HfFixture fixture() throws IOException {
    return new HfFixture(folder.resolve("hf"), 7).tokenizerFiles();
  }

  private Path imported(HfFixture model, String... more) {
    Path out = folder.resolve("checkpoint" + more.length);
    String[] args = new String[3 + more.length];
    args[0] = "import";
    args[1] = "--input=" + model.folder();
    args[2] = "--out=" + out;
    System.arraycopy(more, 0, args, 3, more.length);
    SmallRun run = SmallRun.of(args);
    assertThat(run.code()).as(run.err()).isZero();
    return out;
  }

  private static Map<String, float[]> tensors(Path file) throws IOException {
    Map<String, float[]> tensors = new HashMap<>();
    try (var reader = SafeTensorsReader.open(file)) {
      for (var entry : reader.tensors()) {
        tensors.put(entry.name(), reader.data(entry).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
      }
    }
    return tensors;
  }

  private void comesBack(HfFixture model) throws IOException {
    Path out = folder.resolve("again");
    SmallRun run =
        SmallRun.of(
            "export", "--checkpoint=" + imported(model), "--format=hf-gpt2", "--out=" + out);
    assertThat(run.code()).as(run.err()).isZero();
    Map<String, float[]> back = tensors(out.resolve("model.safetensors"));
    assertThat(back).hasSameSizeAs(model.values());
    model
        .values()
        .forEach((name, numbers) ->
            assertThat(back.get(HfFixture.full("transformer.", name))).as(name).isEqualTo(numbers));
    JsonNode config = MAPPER.readTree(out.resolve("config.json").toFile());
    model
        .config()
        .properties()
        .forEach(e -> assertThat(config.get(e.getKey())).as(e.getKey()).isEqualTo(e.getValue()));
  }

  @Test
  void aFolderComesBackBitForBit() throws IOException {
    comesBack(fixture().whole("transformer.", SafeTensorsType.F32));
  }

  @Test
  void namesWithoutPrefixAndSavedMasksAreRead() throws IOException {
    HfFixture model = fixture();
    Map<String, float[]> learnt = new HashMap<>(model.values());
    model.put(new Random(1), "h.0.attn.bias", 1, 1, 12, 12);
    model.put(new Random(1), "h.1.attn.masked_bias", 1);
    model.whole("", SafeTensorsType.F32);
    model.values().keySet().retainAll(learnt.keySet());
    comesBack(model);
  }

  @Test
  void shardsComeBackAsOneFile() throws IOException {
    comesBack(fixture().sharded());
  }

  @Test
  void aHeadOfItsOwnStaysOne() throws IOException {
    comesBack(fixture().untied().whole("transformer.", SafeTensorsType.F32));
  }

  @ParameterizedTest
  @EnumSource(
      value = SafeTensorsType.class,
      names = {"F16", "BF16"})
  void narrowWeightsAreWidened(SafeTensorsType type) throws IOException {
    HfFixture model = fixture().whole("transformer.", type);
    Map<String, float[]> got = tensors(imported(model).resolve("model.safetensors"));
    float[] gains = model.values().get("ln_f.weight");
    float[] widened = got.get("transformer.ln_f.weight");
    for (int i = 0; i < gains.length; i++) {
      int bits = Float.floatToRawIntBits(gains[i]);
      float expected =
          type == SafeTensorsType.F16
              ? Float.float16ToFloat(Float.floatToFloat16(gains[i]))
              : Float.intBitsToFloat(bits & 0xffff0000);
      assertThat(widened[i]).isEqualTo(expected);
    }
  }

  @Test
  void matricesAreTransposed() throws IOException {
    HfFixture model = fixture().whole("transformer.", SafeTensorsType.F32);
    Map<String, float[]> got = tensors(imported(model).resolve("model.safetensors"));
    float[] theirs = model.values().get("h.1.mlp.c_fc.weight");
    float[] ours = got.get("transformer.h.1.mlp.c_fc.weight");
    int c = HfFixture.WIDTH;
    for (int in = 0; in < c; in++) {
      for (int out = 0; out < 4 * c; out++) {
        assertThat(ours[out * c + in]).isEqualTo(theirs[in * 4 * c + out]);
      }
    }
  }

  @Test
  void theOlderTokenizerFilesAndTheExportedOneGiveTheSameIds() throws IOException {
    HfFixture model = fixture().whole("transformer.", SafeTensorsType.F32);
    Path first = imported(model);
    Path out = folder.resolve("again");
    SmallRun.of("export", "--checkpoint=" + first, "--format=hf-gpt2", "--out=" + out);
    Path second = folder.resolve("second");
    assertThat(SmallRun.of("import", "--input=" + out, "--out=" + second).code()).isZero();
    String vocabulary = Files.readString(first.resolve("vocabulary.json"));
    assertThat(Files.readString(second.resolve("vocabulary.json"))).isEqualTo(vocabulary);
    SmallRun pieces =
        SmallRun.of("tokenize", "--tokenizer=" + out.resolve("tokenizer.json"), "the thing");
    assertThat(pieces.code()).as(pieces.err()).isZero();
    assertThat(pieces.out()).contains("257").contains("259");
    assertThat(Files.readString(out.resolve("tokenizer_config.json"))).contains("<|endoftext|>");
    assertThat(Files.readString(out.resolve("config.json"))).contains("\"eos_token_id\" : 260");
  }

  @Test
  void trainingStartsFromAFolderWithFewerPositions() throws IOException {
    HfFixture model = fixture().whole("transformer.", SafeTensorsType.F32);
    Path run = folder.resolve("run");
    String[] args = {
      "train",
      "--init_from=hf:" + model.folder(),
      "--out_dir=" + run,
      "--dataset=" + SmallRun.text(folder),
      "--block_size=8",
      "--batch_size=2",
      "--max_iters=3",
      "--eval_iters=1",
      "--sample_interval=0",
      "--learning_rate=0",
      "--min_lr=0",
      "--threads=2"
    };
    SmallRun trained = SmallRun.of(args);
    assertThat(trained.code()).as(trained.err()).isZero();
    Path checkpoint = run.resolve("checkpoints/step-00000003");
    Map<String, float[]> got = tensors(checkpoint.resolve("model.safetensors"));
    float[] positions = model.values().get("wpe.weight");
    assertThat(got.get("transformer.wpe.weight"))
        .isEqualTo(java.util.Arrays.copyOf(positions, 8 * HfFixture.WIDTH));
    args[4] = "--block_size=13";
    SmallRun longer = SmallRun.of(args);
    assertThat(longer.code()).isEqualTo(2);
    assertThat(longer.err()).contains("block_size (12 there, 13 here)");
  }

  @Test
  void importTakesFewerPositionsAndAnotherTokenizer() throws IOException {
    HfFixture model = fixture().whole("transformer.", SafeTensorsType.F32);
    Path short5 = imported(model, "--block_size=5", "--tokenizer=byte");
    assertThat(tensors(short5.resolve("model.safetensors")).get("transformer.wpe.weight"))
        .hasSize(5 * HfFixture.WIDTH);
    assertThat(Files.readString(short5.resolve("vocabulary.json"))).contains("byte");
    SmallRun sampled =
        SmallRun.of("sample", "--checkpoint=" + short5, "--prompt=a", "--max_new_tokens=9");
    assertThat(sampled.code()).as(sampled.err()).isZero();
  }

  private void refused(HfFixture model, String message, String... more) {
    Path out = folder.resolve("refused");
    String[] args = new String[3 + more.length];
    args[0] = "import";
    args[1] = "--input=" + model.folder();
    args[2] = "--out=" + out;
    System.arraycopy(more, 0, args, 3, more.length);
    SmallRun run = SmallRun.of(args);
    assertThat(run.err()).contains(message);
    assertThat(run.code()).isIn(2, 4);
    assertThat(out).doesNotExist();
  }

  private void refusedConfig(Consumer<ObjectNode> spoil, String message) throws IOException {
    HfFixture model = fixture().whole("transformer.", SafeTensorsType.F32);
    spoil.accept(model.config());
    model.writeConfig();
    refused(model, message);
  }

  @Test
  void whatThisProgramDoesNotComputeIsRefused() throws IOException {
    refusedConfig(c -> c.put("model_type", "llama"), "model_type is 'llama'");
    refusedConfig(c -> c.put("activation_function", "relu"), "activation_function is relu");
    refusedConfig(c -> c.put("n_inner", 5), "n_inner is 5");
    refusedConfig(c -> c.put("layer_norm_epsilon", 1e-6), "layer_norm_epsilon is 1.0E-6");
    refusedConfig(c -> c.put("scale_attn_weights", false), "scale_attn_weights is false");
    refusedConfig(c -> c.put("add_cross_attention", true), "add_cross_attention is true");
    refusedConfig(c -> c.put("n_head", 3), "multiple of n_head");
    refusedConfig(c -> c.put("n_layer", -1), "n_layer is -1");
    refusedConfig(c -> c.put("n_layer", "two"), "'n_layer' must be an integer");
    refusedConfig(c -> c.remove("n_embd"), "'n_embd' is missing");
    refusedConfig(c -> c.put("n_layer", 3), "tensor 'transformer.h.2.ln_1.weight' is missing");
    refusedConfig(c -> c.put("n_layer", 1), "tensors that GPT-2 lacks");
    refusedConfig(c -> c.put("tie_word_embeddings", false), "'lm_head.weight' is missing");
    refusedConfig(c -> c.put("vocab_size", 262), "config.json means F32, F16 or BF16 [262, 8]");
    refusedConfig(c -> c.put("vocab_size", 260), "261 tokens, the embedding only 260 rows");
  }

  @Test
  void brokenFoldersAreRefused() throws IOException {
    HfFixture model = fixture().whole("transformer.", SafeTensorsType.F32);
    refused(model, "is made from a text", "--tokenizer=char");
    refused(model, "exceeds the 12 positions", "--block_size=13");
    Files.delete(folder.resolve("hf/vocab.json"));
    refused(model, "has no tokenizer.json");
    model.tokenizerFiles();
    Files.writeString(folder.resolve("hf/merges.txt"), "t h e\n");
    refused(model, "'t h e' is not two tokens");
    model.tokenizerFiles();
    Files.delete(folder.resolve("hf/model.safetensors"));
    Files.createFile(folder.resolve("hf/pytorch_model.bin"));
    refused(model, "pytorch_model.bin is not read");
  }

  @Test
  void anIndexStaysInItsFolder() throws IOException {
    HfFixture model = fixture().sharded();
    for (String file : new String[] {"../x.safetensors", "/x.safetensors", "", "a/b.safetensors"}) {
      ObjectNode index = MAPPER.createObjectNode();
      index.putObject("weight_map").put("transformer.wte.weight", file);
      model.index(index);
      refused(model, "'" + file + "' is not the name of a safetensors file in this folder");
    }
    ObjectNode index = MAPPER.createObjectNode();
    index.putObject("weight_map").put("transformer.h.9.ln_1.weight", HfFixture.shard(0));
    model.index(index);
    refused(model, "lacks tensors");
    index.putObject("weight_map").put("transformer.wte.weight", "missing.safetensors");
    model.index(index);
    refused(model, "names 'missing.safetensors', which is not there");
  }

  @Test
  void streamsFitNeitherLayout() throws IOException {
    Path run = folder.resolve("run");
    SmallRun trained = SmallRun.train(run, "--dataset=" + SmallRun.text(folder), "--max_iters=1");
    assertThat(trained.code()).as(trained.err()).isZero();
    for (String format : new String[] {"hf-gpt2", "gguf"}) {
      Path out = folder.resolve("out");
      SmallRun export =
          SmallRun.of("export", "--checkpoint=" + run, "--format=" + format, "--out=" + out);
      assertThat(export.code()).isEqualTo(2);
      assertThat(export.err()).contains("hyper_conn_type=go_mhc");
      assertThat(out).doesNotExist();
    }
    SmallRun unknown = SmallRun.of("export", "--checkpoint=" + run, "--format=x", "--out=y");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("safetensors, hf-gpt2, gguf");
  }
}
