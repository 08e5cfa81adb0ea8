package birkhoff.tests.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import birkhoff.tests.cli.CommandLineRun;
import birkhoff.tests.e2e.SmallRun;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.experiment.residuals.ResidualsExperiment;
import birkhoff.transformer.experiment.residuals.ResidualsSettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code experiment residuals} with very small models. */
class ResidualsCommandTest {
  private static final Map<String, String> MODEL =
      Map.of(
          "n_layer", "2",
          "n_head", "2",
          "n_embd", "16",
          "block_size", "8",
          "batch_size", "3",
          "max_iters", "6",
          "eval_interval", "3",
          "eval_iters", "2",
          "warmup_iters", "2",
          "threads", "2");

  @TempDir private Path folder;
  private Path text;

  @BeforeEach
  void writeText() throws IOException {
    text = SmallRun.text(folder);
  }

  private CommandLineRun residuals(String... more) {
    List<String> args = new ArrayList<>(List.of("experiment", "residuals"));
    args.add("--out_dir=" + folder.resolve("out"));
    args.add("--dataset=" + text);
    MODEL.forEach((key, value) -> args.add("--" + key + "=" + value));
    args.addAll(List.of(more));
    return CommandLineRun.of(args.toArray(String[]::new));
  }

  private static JsonNode read(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  private byte[] weights(Path run) throws IOException {
    return Files.readAllBytes(run.resolve("checkpoints/step-00000006/model.safetensors"));
  }

  @Test
  void runsAreComparedKeptAndExtended() throws IOException {
    CommandLineRun run = residuals("--kinds=none,identity,go_mhc", "--seeds=1,2", "--json");
    assertThat(run.code()).as(run.err()).isZero();
    Path out = folder.resolve("out");
    JsonNode result = new ObjectMapper().readTree(run.out());
    assertThat(read(out.resolve("residuals.json"))).isEqualTo(result);
    assertThat(result.get("runs")).hasSize(6);
    for (JsonNode kind : result.get("kinds")) {
      double mean = 0;
      for (JsonNode one : result.get("runs")) {
        if (one.get("kind").equals(kind.get("kind"))) {
          mean += one.get("val_loss").asDouble() / 2;
          assertThat(one.get("curve")).hasSize(3);
          assertThat(one.get("tokens").asLong()).isEqualTo(6 * 3 * 8);
        }
      }
      JsonNode loss = kind.get("val_loss");
      assertThat(loss.get("mean").asDouble()).isCloseTo(mean, within(1e-12));
      assertThat(loss.get("n").asInt()).isEqualTo(2);
    }
    // Streams start as copies and their mean goes on: alike, if not bit for bit.
    for (JsonNode kind : result.get("kinds")) {
      assertThat(kind.get("initial_loss").get("mean").asDouble())
          .isCloseTo(
              result.get("kinds").get(0).get("initial_loss").get("mean").asDouble(), within(.02));
    }
    JsonNode goMhc = result.get("runs").get(2);
    assertThat(goMhc.get("kind").asText()).isEqualTo("go_mhc");
    assertThat(goMhc.get("sublayers")).hasSize(4);
    assertThat(goMhc.get("composite").get("row_error_max").asDouble()).isLessThan(1e-5);
    assertThat(goMhc.get("composite").get("sigma2").asDouble()).isBetween(.5, 1.0);
    JsonNode identity = result.get("runs").get(1);
    assertThat(identity.get("composite").get("diagonal").asDouble()).isEqualTo(1);
    assertThat(result.get("findings")).hasSize(2);
    int[] seedsOverNone = {0, 2, 2};
    int[] seedsOverIdentity = {0, 0, 2};
    for (int k = 0; k < 3; k++) {
      JsonNode kind = result.get("kinds").get(k);
      assertThat(kind.get("gain_over_none").get("n").asInt()).isEqualTo(seedsOverNone[k]);
      assertThat(kind.get("gain_over_identity").get("n").asInt()).isEqualTo(seedsOverIdentity[k]);
    }
    for (String file :
        List.of("residuals.html", "residuals.csv", "loss_d4.svg", "experiment.json")) {
      assertThat(out.resolve(file)).isNotEmptyFile();
    }
    assertThat(Files.readAllLines(out.resolve("residuals.csv"))).hasSize(1 + 6 + 4 * 5);
    assertThat(Files.readString(out.resolve("residuals.html"))).doesNotContain("src=", "NaN");

    // Nothing is trained twice; a kind may be added.
    Path finished = out.resolve("go_mhc-d4-seed2/metrics.jsonl");
    byte[] before = Files.readAllBytes(finished);
    CommandLineRun more = residuals("--kinds=none,identity,go_mhc,mhc_lite", "--seeds=1,2");
    assertThat(more.code()).as(more.err()).isZero();
    assertThat(more.out()).contains("mhc_lite  4      2").contains("the mixer of go_mhc changes");
    assertThat(Files.readAllBytes(finished)).isEqualTo(before);
    assertThat(read(out.resolve("residuals.json")).get("runs")).hasSize(8);

    CommandLineRun other = residuals("--kinds=none", "--seeds=1", "--learning_rate=0.5");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err())
        .contains("holds runs with other values of learning_rate", "0.5 here", "another folder");
  }

  @Test
  void aRunIsAnOrdinaryTrainingRun() throws IOException {
    assertThat(residuals("--kinds=mhc", "--seeds=7").code()).isZero();
    Path own = folder.resolve("out/mhc-d4-seed7");
    Path alone = folder.resolve("alone");
    List<String> args =
        new ArrayList<>(
            List.of(
                "train",
                "--preset=baby",
                "--hyper_conn_type=mhc",
                "--hyper_conn_n=4",
                "--hyper_conn_collapse=mean",
                "--sample_interval=0",
                "--seed=7",
                "--dataset=" + text,
                "--out_dir=" + alone));
    MODEL.forEach((key, value) -> args.add("--" + key + "=" + value));
    CommandLineRun train = CommandLineRun.of(args.toArray(String[]::new));
    assertThat(train.code()).as(train.err()).isZero();
    assertThat(weights(own)).isEqualTo(weights(alone));
    SmallRun sample = SmallRun.of("sample", "--checkpoint=" + own, "--max_new_tokens=5");
    assertThat(sample.code()).as(sample.err()).isZero();
    assertThat(sample.out()).isNotBlank();
  }

  private ResidualsSettings settings(String out) {
    RunConfigBuilder base = ResidualsSettings.defaults();
    MODEL.forEach((key, value) -> base.set(key, value, "test"));
    base.set("dataset", text.toString(), "test");
    return new ResidualsSettings(
        List.of("identity", "kromhc"), List.of(4), List.of(3L), base.build(), folder.resolve(out));
  }

  /** Stopped again and again, the same weights and losses come out. */
  @Test
  void interruptedExperimentsGoOnExactly() throws IOException {
    List<Double> whole = new ArrayList<>();
    assertThat(
            ResidualsExperiment.run(
                settings("whole"), () -> false, all -> whole.add(all.getLast().valLoss())))
        .isTrue();
    List<Double> parts = new ArrayList<>();
    int starts = 0;
    boolean complete = false;
    while (!complete) {
      var asked = new AtomicInteger();
      int patience = 4 + starts;
      parts.clear();
      complete =
          ResidualsExperiment.run(
              settings("parts"),
              () -> asked.incrementAndGet() > patience,
              all -> parts.add(all.getLast().valLoss()));
      assertThat(++starts).isLessThan(50);
    }
    assertThat(starts).isGreaterThan(3);
    assertThat(parts).isEqualTo(whole).hasSize(2);
    assertThat(weights(folder.resolve("parts/kromhc-d4-seed3")))
        .isEqualTo(weights(folder.resolve("whole/kromhc-d4-seed3")));
  }

  @Test
  void impossibleKindsAreLeftOutWithTheReason() throws IOException {
    CommandLineRun run = residuals("--kinds=identity,mhc_lite", "--d=8", "--seeds=1");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("left out: mhc_lite d=8: ", "7");
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      assertThat(files.filter(Files::isDirectory)).hasSize(1);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--kinds=mhcc | kinds=mhcc is unknown; take some of go_kromhc",
        "--kinds=, | kinds is empty",
        "--kinds=mhc,mhc | kinds names a value twice",
        "--kinds=mhc_lite --d=8 | nothing can be trained: ",
        "--d=1 | d=1 is outside 2 … 32",
        "--d=x | d=x must be integers",
        "--seeds=a | seeds=a must be integers",
        "--seeds=1,1 | seeds names a value twice",
        "--max_iters=0 | max_iters=0 trains nothing",
        "--seed=1 | unknown key 'seed'; did you mean 'seeds'?",
        "--hyper_conn_collapse=max | hyper_conn_collapse=max",
        "--n_head=3 | n_head",
      })
  void misuseIsOneLineAndExitCode2(String args, String message) {
    CommandLineRun run = residuals(args.strip().split(" +"));
    assertThat(run.err()).contains(message).hasLineCount(1).startsWith("birkhoff: ");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(folder.resolve("out")).doesNotExist();
  }
}
