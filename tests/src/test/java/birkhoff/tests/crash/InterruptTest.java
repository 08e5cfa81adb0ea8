package birkhoff.tests.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import birkhoff.tests.e2e.SmallRun;
import birkhoff.tests.support.ChildJvm;
import birkhoff.tests.support.Signals;
import birkhoff.transformer.cli.Main;
import birkhoff.transformer.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs in processes of their own that are interrupted or killed. */
class InterruptTest {
  private static final long PATIENCE_SECONDS = 80;
  private static final String ENDLESS = "--max_iters=1000000";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  @Timeout(90)
  void aSignalSavesAndExitsWith130(String signal) throws Exception {
    assumeTrue(Signals.delivered(signal), signal + " reaches children of this process");
    Path out = folder.resolve("out");
    Process run = start(out, ENDLESS, "--log_interval=1", "--json");
    try (BufferedReader lines = run.inputReader(StandardCharsets.UTF_8)) {
      for (int i = 0; i < 5; i++) {
        assertThat(lines.readLine()).as(log()).isNotNull();
      }
      signal(run, signal);
      int steps = 5 + (int) lines.lines().count();
      assertThat(run.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(run.exitValue()).as(log()).isEqualTo(130);
      List<Path> checkpoints = checkpoints(out);
      assertThat(checkpoints).hasSize(1);
      assertThat(Json.read(checkpoints.get(0).resolve("state.json")).get("step").asInt())
          .isEqualTo(steps);
    }
    SmallRun resumed =
        SmallRun.of("train", "--out_dir=" + out, "--init_from=resume", "--max_iters=1");
    assertThat(resumed.code()).as(resumed.err()).isZero();
  }

  @Test
  @Timeout(120)
  void aKilledRunLeavesAWholeCheckpoint() throws Exception {
    for (int round = 0; round < 2; round++) {
      Path out = folder.resolve("out-" + round);
      Process run = start(out, ENDLESS, "--log_interval=1", "--eval_interval=1", "--json");
      try (BufferedReader lines = run.inputReader(StandardCharsets.UTF_8)) {
        for (int i = 0; i < 4 + round; i++) {
          assertThat(lines.readLine()).as(log()).isNotNull();
        }
        Thread.sleep(7L * round);
        run.destroyForcibly();
        assertThat(run.waitFor(30, TimeUnit.SECONDS)).isTrue();
      }
      assertThat(checkpoints(out)).isNotEmpty();
      for (Path checkpoint : checkpoints(out)) {
        SmallRun info = SmallRun.of("info", checkpoint.toString(), "--json");
        assertThat(info.code()).as(info.err()).isZero();
      }
      int saved = Json.read(checkpoints(out).getLast().resolve("state.json")).get("step").asInt();
      SmallRun resumed =
          SmallRun.of(
              "train", "--out_dir=" + out, "--init_from=resume", "--max_iters=" + (saved + 2));
      assertThat(resumed.code()).as(resumed.err()).isZero();
      assertThat(names(out.resolve("checkpoints"))).noneMatch(name -> name.contains(".tmp-"));
    }
  }

  @Test
  @Timeout(60)
  void aFolderIsUsedByOneRunAtATime() throws Exception {
    Path out = folder.resolve("out");
    Process run = start(out, ENDLESS, "--log_interval=1", "--json");
    try (BufferedReader lines = run.inputReader(StandardCharsets.UTF_8)) {
      assertThat(lines.readLine()).as(log()).isNotNull();
      SmallRun second =
          SmallRun.train(out, "--dataset=" + folder.resolve("text.txt"), "--max_iters=1");
      assertThat(second.code()).isEqualTo(2);
      assertThat(second.err()).contains("is in use by another run");
    } finally {
      run.destroyForcibly().waitFor();
    }
  }

  /** Reading a pipe cannot be interrupted: a run that does not end must not hang the tests. */
  private static void endAfterPatience(Process run) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            if (!run.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
              run.destroyForcibly();
            }
          } catch (InterruptedException e) {
            run.destroyForcibly();
          }
        });
  }

  private Process start(Path out, String... more) throws IOException {
    List<String> settings = new ArrayList<>(List.of(more));
    settings.add("--dataset=" + SmallRun.text(folder));
    List<String> train = SmallRun.trainArguments(out, settings.toArray(String[]::new));
    List<String> command = ChildJvm.command(Main.class, List.of(), train.toArray(String[]::new));
    Process run = new ProcessBuilder(command).redirectError(folder.resolve("log").toFile()).start();
    endAfterPatience(run);
    return run;
  }

  private static void signal(Process process, String signal) throws Exception {
    String pid = Long.toString(process.pid());
    assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  private static List<Path> checkpoints(Path out) throws IOException {
    Path folder = out.resolve("checkpoints");
    return names(folder).stream()
        .filter(name -> name.startsWith("step-"))
        .map(folder::resolve)
        .toList();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
