package birkhoff.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.transformer.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which checkpoints stay, and when a run ends by itself. */
class KeptCheckpointsTest {
  @TempDir private Path folder;
  private Path out;
  private String dataset;

  @BeforeEach
  void write() throws IOException {
    out = folder.resolve("out");
    dataset = "--dataset=" + SmallRun.text(folder);
  }

  private List<String> checkpoints() throws IOException {
    try (Stream<Path> all = Files.list(out.resolve("checkpoints"))) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  private int bestStep() throws IOException {
    return Json.read(out.resolve("best.json")).get("step").asInt();
  }

  @Test
  void theNewestTheBestAndMultiplesStay() throws IOException {
    // Nothing is learnt: the first evaluation is the best.
    SmallRun run =
        SmallRun.train(
            out,
            dataset,
            "--max_iters=22",
            "--eval_interval=2",
            "--keep_last=1",
            "--keep_every=8",
            "--learning_rate=0",
            "--decay_lr=false");
    assertThat(run.code()).as(run.err()).isZero();
    String best = String.format(java.util.Locale.ROOT, "step-%08d", bestStep());
    assertThat(best).isLessThan("step-00000022");
    assertThat(checkpoints())
        .isSubsetOf(best, "step-00000008", "step-00000016", "step-00000022")
        .contains(best, "step-00000008", "step-00000016", "step-00000022");
    SmallRun named = SmallRun.of("info", out.resolve("best").toString(), "--json");
    assertThat(named.code()).as(named.err()).isZero();
    assertThat(Json.parse("info", named.out()).get("step").asInt()).isEqualTo(bestStep());
  }

  @Test
  void aRunThatGetsNoBetterEndsAlsoAfterItWasResumed() throws IOException {
    String[] settings = {
      "--eval_interval=2", "--early_stopping=3", "--learning_rate=0", "--decay_lr=false"
    };
    SmallRun run =
        SmallRun.train(
            out, dataset, "--max_iters=3", settings[0], settings[1], settings[2], settings[3]);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(bestStep()).isEqualTo(2);
    SmallRun resumed =
        SmallRun.of("train", "--out_dir=" + out, "--init_from=resume", "--max_iters=100");
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.err())
        .contains("stopped early: no lower validation loss in 3 evaluations")
        .contains("step-00000002");
    assertThat(bestStep()).isEqualTo(2);
    assertThat(checkpoints()).endsWith("step-00000008");
  }

  @Test
  void aRunThatCannotBeginLeavesTheEarlierOneWhereItIs() throws IOException {
    SmallRun.train(out, dataset, "--max_iters=2");
    Path text = Files.writeString(folder.resolve("short.txt"), "too short");
    SmallRun run = SmallRun.train(out, "--dataset=" + text);
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err()).contains("short.txt").contains("block_size=8 needs at least 9");
    assertThat(checkpoints()).containsExactly("step-00000002");
    assertThat(out.resolve("previous")).doesNotExist();
    Path fresh = folder.resolve("fresh");
    assertThat(SmallRun.train(fresh, "--dataset=" + text).code()).isEqualTo(4);
    assertThat(fresh).doesNotExist();
  }
}
