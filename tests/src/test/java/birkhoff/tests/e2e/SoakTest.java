package birkhoff.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.ChildJvm;
import birkhoff.tests.support.Seeds;
import birkhoff.transformer.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Training for {@code -Dbirkhoff.soak.minutes=60}, killed with SIGKILL again and again, after a
 * 60th to 20th part of the time, and resumed with other thread counts; beside it the same run
 * without interruption: both end with the same bits.
 */
@EnabledIfSystemProperty(named = "birkhoff.soak.minutes", matches = "[0-9.]+")
class SoakTest {
  private static final double SECONDS =
      60 * Double.parseDouble(System.getProperty("birkhoff.soak.minutes", "0"));

  private static final double LEAST_SECONDS = 20;

  @TempDir private Path folder;

  @Test
  void killedAndResumedRunsEndWithTheBitsOfAnUninterruptedOne() throws Exception {
    SplittableRandom random = Seeds.random("soak");
    long steps = Math.max(100, (long) (SECONDS / secondsPerStep()));
    Process whole = start("whole", steps, "scratch", 1);
    Path cut = folder.resolve("cut");
    int kills = 0;
    boolean done = false;
    while (!done) {
      boolean begun = Files.exists(cut.resolve("checkpoints"));
      Process part = start("cut", steps, begun ? "resume" : "scratch", 1 + random.nextInt(4));
      // Long enough for a start and a checkpoint, or nothing would ever be gained.
      double seconds = Math.max(LEAST_SECONDS, SECONDS * random.nextDouble(1 / 60.0, 1 / 20.0));
      done = part.waitFor((long) (1000 * seconds), TimeUnit.MILLISECONDS);
      if (done) {
        assertThat(part.exitValue()).as(log("cut")).isZero();
      } else {
        part.toHandle().destroyForcibly();
        part.waitFor();
        kills++;
      }
    }
    assertThat(whole.waitFor()).as(log("whole")).isZero();
    for (String file : new String[] {"model.safetensors", "optimizer.safetensors"}) {
      assertThat(Checkpoints.sha256(cut, steps, file))
          .isEqualTo(Checkpoints.sha256(folder.resolve("whole"), steps, file));
    }
    assertThat(kills).isPositive();
    Campaign.ran("soak", "%d steps, %d kills", steps, kills);
  }

  private double secondsPerStep() throws Exception {
    long few = 1000;
    long many = 5000;
    double seconds = seconds("short", few);
    return Math.max(1e-4, (seconds("long", many) - seconds) / (many - few));
  }

  private double seconds(String name, long steps) throws Exception {
    Instant start = Instant.now();
    assertThat(start(name, steps, "scratch", 1).waitFor()).as(log(name)).isZero();
    return Duration.between(start, Instant.now()).toMillis() / 1000.0;
  }

  private Process start(String name, long steps, String from, int threads) throws IOException {
    String[] arguments =
        SmallRun.trainArguments(
                folder.resolve(name),
                "--dataset=" + SmallRun.text(folder),
                "--init_from=" + from,
                "--hyper_conn_type=go_mhc",
                "--gradient_accumulation_steps=2",
                "--n_layer=3",
                "--n_embd=48",
                "--dropout=0.1",
                "--eval_interval=100",
                "--eval_iters=2",
                "--log_interval=100",
                "--sample_interval=0",
                "--lr_decay_iters=" + steps,
                "--max_iters=" + steps,
                "--threads=" + threads)
            .toArray(String[]::new);
    return new ProcessBuilder(ChildJvm.command(Main.class, List.of(), arguments))
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(name + ".log").toFile())
        .start();
  }

  private String log(String name) throws IOException {
    return Files.readString(folder.resolve(name + ".log"));
  }
}
