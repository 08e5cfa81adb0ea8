package birkhoff.tests.exchange;

import birkhoff.engine.io.SafeTensorsType;
import birkhoff.engine.io.SafeTensorsWriter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** A small GPT-2 as a Hugging Face folder, made as that library makes it. */
public final class HfFixture {
  static final int ROWS = 261;
  static final int WIDTH = 8;
  static final int LAYERS = 2;
  static final int POSITIONS = 12;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path folder;
  private final Map<String, float[]> values = new LinkedHashMap<>();
  private final Map<String, long[]> shapes = new LinkedHashMap<>();
  private final ObjectNode config = MAPPER.createObjectNode();

  /** Random weights; nothing is written yet. */
  public HfFixture(Path folder, long seed) throws IOException {
    this.folder = Files.createDirectories(folder);
    config.put("model_type", "gpt2").put("activation_function", "gelu_new");
    config.put("n_embd", WIDTH).put("n_head", 2).put("n_layer", LAYERS);
    config.put("n_positions", POSITIONS).put("vocab_size", ROWS);
    var random = new Random(seed);
    put(random, "wte.weight", ROWS, WIDTH);
    put(random, "wpe.weight", POSITIONS, WIDTH);
    for (int i = 0; i < LAYERS; i++) {
      String h = "h." + i;
      norm(random, h + ".ln_1");
      conv1d(random, h + ".attn.c_attn", WIDTH, 3 * WIDTH);
      conv1d(random, h + ".attn.c_proj", WIDTH, WIDTH);
      norm(random, h + ".ln_2");
      conv1d(random, h + ".mlp.c_fc", WIDTH, 4 * WIDTH);
      conv1d(random, h + ".mlp.c_proj", 4 * WIDTH, WIDTH);
    }
    norm(random, "ln_f");
  }

  private void norm(Random random, String name) {
    put(random, name + ".weight", WIDTH);
    put(random, name + ".bias", WIDTH);
  }

  private void conv1d(Random random, String name, long in, long out) {
    put(random, name + ".weight", in, out);
    put(random, name + ".bias", out);
  }

  void put(Random random, String name, long... shape) {
    int count = 1;
    for (long extent : shape) {
      count *= (int) extent;
    }
    var numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    values.put(name, numbers);
    shapes.put(name, shape);
  }

  public Path folder() {
    return folder;
  }

  ObjectNode config() {
    return config;
  }

  Map<String, float[]> values() {
    return values;
  }

  Map<String, long[]> shapes() {
    return shapes;
  }

  /** A head of its own. */
  HfFixture untied() {
    config.put("tie_word_embeddings", false);
    put(new Random(5), "lm_head.weight", ROWS, WIDTH);
    return this;
  }

  /** Writes GPT-2's two tokenizer files: all bytes, four merges and the end of text. */
  public HfFixture tokenizerFiles() throws IOException {
    ObjectNode vocabulary = MAPPER.createObjectNode();
    int id = 0;
    for (int c = '!'; c < 0x144; c++) {
      boolean gap = c > '~' && c < 0xa1 || c == 0xad;
      if (!gap) {
        vocabulary.put(Character.toString(c), id++);
      }
    }
    for (String token : new String[] {"th", "the", "in", "ing", "<|endoftext|>"}) {
      vocabulary.put(token, id++);
    }
    Files.writeString(folder.resolve("vocab.json"), MAPPER.writeValueAsString(vocabulary));
    Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\nt h\nth e\ni n\nin g\n");
    return this;
  }

  HfFixture writeConfig() throws IOException {
    Files.writeString(folder.resolve("config.json"), MAPPER.writeValueAsString(config));
    return this;
  }

  /** One file, with every name behind a prefix. */
  HfFixture whole(String prefix, SafeTensorsType type) throws IOException {
    var writer = new SafeTensorsWriter();
    for (String name : values.keySet()) {
      add(writer, prefix, name, type);
    }
    writer.write(folder.resolve("model.safetensors"));
    return writeConfig();
  }

  /** Two files and their index. */
  public HfFixture sharded() throws IOException {
    var index = MAPPER.createObjectNode();
    ObjectNode map = index.putObject("weight_map");
    var writers = new SafeTensorsWriter[] {new SafeTensorsWriter(), new SafeTensorsWriter()};
    int k = 0;
    for (String name : values.keySet()) {
      add(writers[k % 2], "transformer.", name, SafeTensorsType.F32);
      map.put(full("transformer.", name), shard(k++ % 2));
    }
    writers[0].write(folder.resolve(shard(0)));
    writers[1].write(folder.resolve(shard(1)));
    index(index);
    return writeConfig();
  }

  void index(ObjectNode index) throws IOException {
    Files.writeString(
        folder.resolve("model.safetensors.index.json"), MAPPER.writeValueAsString(index));
  }

  static String shard(int k) {
    return "model-0000" + (k + 1) + "-of-00002.safetensors";
  }

  static String full(String prefix, String name) {
    return name.startsWith("lm_head") ? name : prefix + name;
  }

  private void add(SafeTensorsWriter writer, String prefix, String name, SafeTensorsType type) {
    float[] numbers = values.get(name);
    MemorySegment data;
    if (type == SafeTensorsType.F32) {
      data = MemorySegment.ofArray(numbers);
    } else {
      var halves = new short[numbers.length];
      for (int i = 0; i < halves.length; i++) {
        halves[i] =
            type == SafeTensorsType.F16
                ? Float.floatToFloat16(numbers[i])
                : (short) (Float.floatToRawIntBits(numbers[i]) >> 16);
      }
      data = MemorySegment.ofArray(halves);
    }
    writer.add(full(prefix, name), type, shapes.get(name), data);
  }
}
