package birkhoff.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.tests.e2e.SmallRun;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.Seeds;
import birkhoff.transformer.metrics.HtmlReport;
import birkhoff.transformer.metrics.MetricsFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Campaign 11: spoilt files that a run has written itself and reads when it goes on. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MutantRunFilesTest {
  @TempDir private Path folder;

  /** A line that cannot be read is as good as none: a crash may have cut it. */
  @Test
  void metrics() throws IOException {
    Path run = folder.resolve("run");
    SmallRun trained =
        SmallRun.train(
            run,
            "--dataset=" + SmallRun.text(folder),
            "--max_iters=6",
            "--log_interval=1",
            "--eval_interval=2",
            "--sample_interval=3",
            "--sample_tokens=5");
    assertThat(trained.code()).as(trained.err()).isZero();
    for (String name : new String[] {"metrics.jsonl", "streams.jsonl", "samples.jsonl"}) {
      Path file = run.resolve(name);
      int refused =
          MutantCampaign.run(
              name,
              file,
              500,
              Mutants::text,
              () -> {
                new HtmlReport(run, "a run", Map.of(), "").close();
                new MetricsFiles(run, 4).close();
              });
      assertThat(refused).as(name).isZero();
    }
  }

  @Test
  void aLineThatIsNotUtf8IsLeftOut() throws IOException {
    byte[] lines = "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n".getBytes(StandardCharsets.US_ASCII);
    lines[13] = (byte) 0xff;
    Files.write(folder.resolve("metrics.jsonl"), lines);
    new MetricsFiles(folder, 3).close();
    assertThat(folder.resolve("metrics.jsonl")).hasContent("{\"step\":1}\n{\"step\":3}\n");
  }

  /** The step between the ticks of its axis would be 0. */
  @Test
  void aChartOfTheSmallestNumberHasAnEnd() throws IOException {
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        "{\"step\":1,\"loss\":4.9e-324}\n{\"step\":2,\"loss\":0.0}\n");
    new HtmlReport(folder, "a run", Map.of(), "").close();
    assertThat(folder.resolve("report.html")).content().contains("aria-label=\"Loss\"");
  }

  @Test
  void experiments() throws IOException {
    Path out = folder.resolve("experiment");
    List<String> command =
        new ArrayList<>(
            List.of(
                "experiment",
                "residuals",
                "--out_dir=" + out,
                "--dataset=" + SmallRun.text(folder),
                "--kinds=go_mhc",
                "--max_iters=2",
                "--eval_interval=1"));
    SmallRun.trainArguments(out).stream()
        .filter(a -> a.matches("--(n_.*|block_size|batch_size|eval_iters|warmup.*|threads)=.*"))
        .forEach(command::add);
    SmallRun whole = SmallRun.of(command.toArray(String[]::new));
    assertThat(whole.code()).as(whole.err()).isZero();
    Path measured;
    try (Stream<Path> all = Files.walk(out)) {
      measured = all.filter(p -> p.endsWith("mixers.json")).findFirst().orElseThrow();
    }
    for (Path file : List.of(out.resolve("experiment.json"), measured)) {
      byte[] good = Files.readAllBytes(file);
      String name = file.getFileName().toString();
      int refused = 0;
      for (int i = 0; i < Campaign.cases(30); i++) {
        Files.write(file, Mutants.text(good, Seeds.random("mutant", name, i)));
        SmallRun again = SmallRun.of(command.toArray(String[]::new));
        // Another experiment's settings, or not JSON; what was measured is measured again.
        assertThat(again.code()).as("%s, case %d: %s", name, i, again.err()).isIn(0, 2, 4);
        refused += again.code() == 0 ? 0 : 1;
      }
      Files.write(file, good);
      Campaign.ran(name, "%,d spoilt files, %,d refused", Campaign.cases(30), refused);
    }
    byte[] good = Files.readAllBytes(measured);
    Files.writeString(measured, Files.readString(measured).replace("\"val_loss\"", "\"loss\""));
    assertThat(SmallRun.of(command.toArray(String[]::new)).code()).isZero();
    assertThat(measured).as("measured again").hasBinaryContent(good);
  }
}
