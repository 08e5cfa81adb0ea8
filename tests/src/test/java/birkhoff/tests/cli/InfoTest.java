package birkhoff.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import birkhoff.engine.io.SafeTensorsType;
import birkhoff.engine.io.SafeTensorsWriter;
import birkhoff.tests.e2e.SmallRun;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InfoTest {
  @TempDir private Path folder;

  private Path train(String... more) throws IOException {
    Path run = folder.resolve("run");
    String[] all = java.util.Arrays.copyOf(more, more.length + 2);
    all[more.length] = "--dataset=" + SmallRun.text(folder);
    all[more.length + 1] = "--max_iters=2";
    SmallRun trained = SmallRun.train(run, all);
    assertThat(trained.code()).as(trained.err()).isZero();
    return run;
  }

  private static JsonNode json(Path run) throws IOException {
    SmallRun info = SmallRun.of("info", run.toString(), "--json");
    assertThat(info.code()).as(info.err()).isZero();
    return new ObjectMapper().readTree(info.out());
  }

  @ParameterizedTest
  @CsvSource({"go_mhc, doubly stochastic", "unconstrained, not doubly stochastic"})
  void theMixersAreLookedAt(String kind, String verdict) throws IOException {
    Path run = train("--hyper_conn_type=" + kind, "--learning_rate=0.05", "--decay_lr=false");
    JsonNode mixers = json(run).get("mixers");
    assertThat(mixers.get("sublayers")).hasSize(4);
    JsonNode last = mixers.get("sublayers").get(3);
    double error = last.get("row_error_max").asDouble();
    if (kind.equals("go_mhc")) {
      assertThat(error).isLessThan(1e-5);
      assertThat(last.get("sigma1").asDouble()).isCloseTo(1, within(1e-5));
    } else {
      assertThat(error).isGreaterThan(1e-3);
    }
    String text = SmallRun.of("info", run.toString()).out();
    assertThat(text).contains(": " + verdict + System.lineSeparator()).contains("block 1 mlp");
  }

  @Test
  void itIsToldWhereAModelComesFrom() throws IOException {
    Path run = train("--hyper_conn_type=none");
    JsonNode info = json(run);
    assertThat(info.has("mixers")).isFalse();
    JsonNode provenance = info.get("provenance");
    assertThat(provenance.get("init_from").asText()).isEqualTo("scratch");
    assertThat(provenance.get("dataset").asText()).endsWith("text.txt");
    assertThat(provenance.get("dataset_sha256").asText()).hasSize(64);
    assertThat(provenance.get("program").asText()).startsWith("birkhoff ");
    assertThat(provenance.get("saved").asText()).matches("20\\d\\d-\\d\\d-\\d\\dT.*Z");
    assertThat(SmallRun.of("info", run.toString()).out())
        .contains("Tokenizer")
        .contains("attention")
        .contains("best validation loss");
  }

  @Test
  void numbersThatAreNoneAreCounted() throws IOException {
    Path run = train();
    Path weights = run.resolve("checkpoints/step-00000002/model.safetensors");
    try (var file = new RandomAccessFile(weights.toFile(), "rw")) {
      file.seek(file.length() - 4);
      file.writeInt(Integer.reverseBytes(Float.floatToRawIntBits(Float.NaN)));
    }
    JsonNode info = json(run);
    assertThat(info.has("mixers")).isFalse();
    JsonNode last = info.get("tensors").get(info.get("tensors").size() - 1);
    assertThat(last.get("non_finite").asLong()).isEqualTo(1);
    assertThat(SmallRun.of("info", run.toString()).out()).contains("1 NOT FINITE");
  }

  @Test
  void exportedFilesAreExplained() throws IOException {
    Path run = train("--hyper_conn_type=none", "--bias=true");
    for (String format : new String[] {"safetensors", "gguf"}) {
      Path out = folder.resolve("model." + format);
      SmallRun exported =
          SmallRun.of("export", "--checkpoint=" + run, "--format=" + format, "--out=" + out);
      assertThat(exported.code()).as(exported.err()).isZero();
      JsonNode info = json(out);
      assertThat(info.get("format").asText()).isEqualTo(format);
      assertThat(info.get("bytes").asLong()).isEqualTo(Files.size(out));
      assertThat(info.get("elements").asLong()).isEqualTo(json(run).get("parameters").asLong());
      JsonNode embedding = info.get("tensors").get(0);
      assertThat(embedding.get("dtype").asText()).isEqualTo("F32");
      assertThat(embedding.get("rms").asDouble()).isBetween(0.001, 1.0);
      assertThat(SmallRun.of("info", out.toString()).out())
          .contains("model." + format, "[16, 16]", "rms 0.");
    }
    assertThat(json(folder.resolve("model.gguf")).at("/metadata/general.architecture").asText())
        .isEqualTo("gpt2");
  }

  @Test
  void namesOfStrangersAreOneLineAndNaNsAreCounted() throws IOException {
    Path file = folder.resolve("odd");
    var numbers = MemorySegment.ofArray(new float[] {1, Float.NaN, Float.POSITIVE_INFINITY, -3});
    new SafeTensorsWriter()
        .metadata("note", "one\ntwo\u001b[2J")
        .add("a\nb\u001b[31m", SafeTensorsType.F32, new long[] {2, 2}, numbers)
        .add("ints", SafeTensorsType.I32, new long[] {1}, numbers.asSlice(0, 4))
        .write(file);
    SmallRun info = SmallRun.of("info", file.toString());
    assertThat(info.code()).as(info.err()).isZero();
    assertThat(info.out())
        .contains("one·two·[2J", "a·b·[31m", "2 NOT FINITE", "-3.0000 to 1.0000")
        .doesNotContain("\u001b", "NaN");
  }

  @Test
  void aFileOfNeitherFormatIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("text"), "neither of them");
    SmallRun info = SmallRun.of("info", file.toString());
    assertThat(info.code()).isEqualTo(4);
    assertThat(info.err()).contains(file.toString(), "byte 0").hasLineCount(1);
  }
}
