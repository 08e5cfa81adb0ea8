package birkhoff.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.ChildJvm;
import birkhoff.tests.support.Seeds;
import birkhoff.tests.support.Signals;
import birkhoff.transformer.cli.Main;
import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A run that is stopped again and again in the middle of a step, between two of its many
 * micro-batches, and resumed with other thread counts, ends with the bits of an uninterrupted one:
 * what SIGKILL loses is done again, and after SIGTERM the step is finished first.
 */
class StoppedStepTest {
  private static final int STOPS = Campaign.cases(2);

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"KILL", "TERM"})
  @Timeout(600)
  void resumedRunsEndWithTheBitsOfAnUninterruptedOne(String signal) throws Exception {
    assumeTrue(signal.equals("KILL") || Signals.delivered(signal), signal + " is ignored here");
    SplittableRandom random = Seeds.random("stopped steps", signal);
    Path cut = folder.resolve("cut");
    List<Long> stopped = new ArrayList<>();
    int inTheMiddle = 0;
    // On a busy machine a signal may come too late for the step that it is meant for.
    while (inTheMiddle < STOPS && stopped.size() < 5 * STOPS) {
      String from = stopped.isEmpty() ? "scratch" : "resume";
      Process run = start(cut, from, 1 + random.nextInt(4));
      long printed;
      long left;
      try (BufferedReader lines = run.inputReader(StandardCharsets.UTF_8)) {
        lines.readLine();
        String second = lines.readLine();
        assertThat(second).as(log()).isNotNull();
        ObjectNode step = Json.parse("standard output", second);
        printed = step.get("step").asLong();
        // The third step, which is done in two ways, takes at least as long as the second.
        double milliseconds = step.get("ms").asDouble();
        Thread.sleep((long) (milliseconds * random.nextDouble(0.1, 0.7)));
        if (signal.equals("KILL")) {
          run.toHandle().destroyForcibly();
        } else {
          run.toHandle().destroy();
        }
        left = lines.lines().count();
      } finally {
        run.toHandle().destroyForcibly();
      }
      assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
      long newest = Checkpoints.newest(cut);
      if (signal.equals("TERM")) {
        assertThat(run.exitValue()).as(log()).isEqualTo(130);
        assertThat(newest).isEqualTo(printed + left);
        inTheMiddle += left == 1 ? 1 : 0;
      } else {
        inTheMiddle += left == 0 && newest == printed ? 1 : 0;
      }
      stopped.add(newest);
    }
    assertThat(inTheMiddle).as("stops in the middle of a step, of %s", stopped).isPositive();

    long steps = stopped.getLast() + 2;
    finish(cut, "resume", steps);
    Path whole = folder.resolve("whole");
    finish(whole, "scratch", steps);
    for (String file : new String[] {"model.safetensors", "optimizer.safetensors"}) {
      assertThat(Checkpoints.sha256(cut, steps, file))
          .as("%s after stops at the steps %s", file, stopped)
          .isEqualTo(Checkpoints.sha256(whole, steps, file));
    }
    Campaign.ran(
        "stopped steps",
        "SIG%s after the steps %s of %d, %d of them in the middle of the next one",
        signal,
        stopped,
        steps,
        inTheMiddle);
  }

  private String[] settings(String from, int threads, long steps) throws IOException {
    return new String[] {
      "--dataset=" + SmallRun.text(folder),
      "--init_from=" + from,
      "--hyper_conn_type=go_mhc",
      "--gradient_accumulation_steps=80",
      "--dropout=0.1",
      "--eval_interval=1",
      "--eval_iters=1",
      "--log_interval=1",
      "--lr_decay_iters=40",
      "--json",
      "--threads=" + threads,
      "--max_iters=" + steps
    };
  }

  private Process start(Path out, String from, int threads) throws IOException {
    String[] train =
        SmallRun.trainArguments(out, settings(from, threads, 1000)).toArray(String[]::new);
    return new ProcessBuilder(ChildJvm.command(Main.class, List.of(), train))
        .redirectError(folder.resolve("log").toFile())
        .start();
  }

  private void finish(Path out, String from, long steps) throws IOException {
    SmallRun run = SmallRun.train(out, settings(from, 2, steps));
    assertThat(run.code()).as(run.err()).isZero();
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }
}
