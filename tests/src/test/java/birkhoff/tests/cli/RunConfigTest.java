package birkhoff.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.Preset;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.error.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RunConfigTest {
  @TempDir Path folder;

  @Test
  void optionsBeatFilesBeatPresets() throws IOException {
    Path file =
        toml("batch_size = 7\nlearning_rate = 5e-4\nbias = true\nout_dir = \"o\"\nn-layer = 9\n");
    RunConfig config =
        new RunConfigBuilder()
            .preset(Preset.CHAR)
            .file(file)
            .set("batch-size", "3", "option")
            .build();
    assertThat(config.get(Keys.BATCH_SIZE)).isEqualTo(3);
    assertThat(config.get(Keys.LEARNING_RATE)).isEqualTo(5e-4);
    assertThat(config.get(Keys.BIAS)).isTrue();
    assertThat(config.get(Keys.OUT_DIR)).isEqualTo("o");
    assertThat(config.get(Keys.N_LAYER)).isEqualTo(9);
    assertThat(config.get(Keys.N_EMBD)).isEqualTo(384);
    assertThat(config.get(Keys.SEED)).isEqualTo(1337L);
    assertThat(config.origin(Keys.BATCH_SIZE)).isEqualTo("option");
    assertThat(config.origin(Keys.BIAS)).isEqualTo(file.toString());
    assertThat(config.origin(Keys.N_EMBD)).isEqualTo("preset char");
    assertThat(config.origin(Keys.SEED)).isEqualTo("default");
  }

  @Test
  void theDefaultIsGoMhcWithFourStreams() {
    RunConfig config = new RunConfigBuilder().build();
    assertThat(config.get(Keys.HYPER_CONN_TYPE)).isEqualTo("go_mhc");
    assertThat(config.get(Keys.HYPER_CONN_N)).isEqualTo(4);
    assertThat(config.get(Keys.HYPER_CONN_S)).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "n_layr, n_layer",
    "batchsize, batch_size",
    "lerning_rate, learning_rate",
    "sed, seed",
    "beta_2, beta2",
    "hyper_con_type, hyper_conn_type",
    "--max-itres, max_iters",
  })
  void anUnknownKeyNamesTheNearest(String typed, String meant) {
    assertThatThrownBy(() -> new RunConfigBuilder().set(typed, "1", "option"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("unknown key '" + typed + "'")
        .hasMessageContaining("did you mean '" + meant + "'?");
  }

  @ParameterizedTest
  @CsvSource({
    "n_layer, 0, at least 1",
    "n_layer, 1.5, must be an integer",
    "n_layer, many, must be an integer",
    "n_layer, 99999999999, must be an integer",
    "hyper_conn_n, 33, between 1 and 32",
    "hyper_conn_s, 9, between 1 and 8",
    "dropout, 1.0, below 1.0",
    "dropout, -0.1, at least 0.0",
    "dropout, NaN, at least 0.0",
    "learning_rate, Infinity, at most",
    "learning_rate, fast, must be a number",
    "bias, yes, must be true or false",
    "sampling, shuffled, 'must be one of random, sequential'",
    "seed, 0x10, must be a 64-bit integer",
    "beta1, 1, below 1.0",
  })
  void badValuesNameTheKeyAndTheRule(String key, String value, String rule) {
    assertThatThrownBy(() -> new RunConfigBuilder().set(key, value, "option"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(key + "=" + value)
        .hasMessageContaining(rule);
  }

  @Test
  void valuesThatDoNotFitTogetherAreRefused() {
    assertThatThrownBy(() -> new RunConfigBuilder().set("n_head", "3", "option").build())
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("n_embd=128 must be a multiple of n_head=3");
    var high = new RunConfigBuilder().set("min_lr", "1", "option");
    assertThatThrownBy(high::build).hasMessageContaining("min_lr=1.0");
    assertThat(high.set("decay_lr", "false", "option").build().get(Keys.MIN_LR)).isEqualTo(1.0);
  }

  static Stream<String> malformedToml() {
    return Stream.of(
        "n_layer = ",
        "n_layer 4",
        "n_layer = 4 5",
        "n_layer = [4]",
        "[model]\nn_layer = 4",
        "n_layer = \"4\"",
        "n_layer = 4\nn_layer = 5",
        "out_dir = out",
        "out_dir = 3",
        "bias = 1",
        "prompt = \"open",
        "n_layr = 4",
        "n_layer = 0",
        "learning_rate = inf",
        "= 3");
  }

  @ParameterizedTest
  @MethodSource("malformedToml")
  void malformedTomlIsAUsageErrorThatNamesTheFile(String text) throws IOException {
    Path file = toml(text);
    assertThatThrownBy(() -> new RunConfigBuilder().file(file))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(file.toString())
        .message()
        .doesNotContain("\n");
  }

  @Test
  void missingAndBinaryFilesAreNamed() throws IOException {
    assertThatThrownBy(() -> new RunConfigBuilder().file(folder.resolve("none.toml")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("none.toml does not exist");
    Path binary = Files.write(folder.resolve("b.toml"), new byte[] {(byte) 0xff, 0});
    assertThatThrownBy(() -> new RunConfigBuilder().file(binary))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("UTF-8");
  }

  @ParameterizedTest
  @EnumSource(Preset.class)
  void savedConfigurationsReadBackToTheSameValues(Preset preset) throws IOException {
    RunConfig config =
        new RunConfigBuilder()
            .preset(preset)
            .set("prompt", "a \"quoted\"\ttab\\ \u0001 é\n", "option")
            .set("seed", "-9223372036854775808", "option")
            .set("weight_decay", "1e-17", "option")
            .build();
    RunConfig fromToml = new RunConfigBuilder().file(toml(RunConfigText.toml(config))).build();
    assertThat(fromToml.values()).isEqualTo(config.values());
    RunConfig fromJson = RunConfigText.fromJson("config.json", RunConfigText.json(config));
    assertThat(fromJson.values()).isEqualTo(config.values());
    assertThat(RunConfigText.summary(config)).contains("learning_rate=");
  }

  @Test
  void onlyFixedKeysForbidResuming() {
    RunConfig before = new RunConfigBuilder().build();
    RunConfig free = before.with(Keys.MAX_ITERS, 9).with(Keys.THREADS, 1).with(Keys.PROMPT, "x");
    assertThat(before.fixedDifferences(free)).isEmpty();
    RunConfig other = before.with(Keys.N_LAYER, 5).with(Keys.SEED, 2L);
    assertThat(before.fixedDifferences(other))
        .extracting(Object::toString)
        .containsExactly("n_layer (4 there, 5 here)", "seed (1337 there, 2 here)");
  }

  @Test
  void everyKeyIsDocumentedAndItsDefaultIsValid() {
    for (Key<?> key : Keys.all().values()) {
      assertThat(key.help()).as(key.name()).endsWith(".").hasSizeLessThan(110);
      assertThat(key.kind().parse(key.fallback().toString())).isEqualTo(key.fallback());
    }
    assertThat(Preset.of("gpt2_124m")).isEqualTo(Preset.GPT2_124M);
    assertThatThrownBy(() -> Preset.of("huge"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("tiny, baby, baby-muon, char, gpt30m, tinystories-30m, gpt2-124m");
  }

  private Path toml(String text) throws IOException {
    return Files.writeString(folder.resolve("run.toml"), text);
  }
}
