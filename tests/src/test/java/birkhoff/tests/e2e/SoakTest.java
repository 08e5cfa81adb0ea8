package birkhoff.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.ChildJvm;
import birkhoff.tests.support.Seeds;
import birkhoff.transformer.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * without interruption: at the end both have the same bits.
 */
@EnabledIfSystemProperty(named = "birkhoff.soak.minutes", matches = "[0-9.]+")
class SoakTest {
  private static final double SECONDS =
      60 * Double.parseDouble(System.getProperty("birkhoff.soak.minutes", "0"));

  /** Long enough for a start and a checkpoint, or nothing would ever be gained. */
  private static final double LEAST_SECONDS = 20;

  private static final String ENDLESS = "2000000000";

  @TempDir private Path folder;

  @Test
  void killedAndResumedRunsEndWithTheBitsOfAnUninterruptedOne() throws Exception {
    SplittableRandom random = Seeds.random("soak");
    Instant end = Instant.now().plusMillis((long) (1000 * SECONDS));
    Process whole = start("whole", ENDLESS, "scratch", 1);
    int kills = 0;
    while (Instant.now().isBefore(end)) {
      String from = Files.exists(folder.resolve("cut/checkpoints")) ? "resume" : "scratch";
      Process part = start("cut", ENDLESS, from, 1 + random.nextInt(4));
      double seconds = Math.max(LEAST_SECONDS, SECONDS * random.nextDouble(1 / 60.0, 1 / 20.0));
      assertThat(part.waitFor((long) (1000 * seconds), TimeUnit.MILLISECONDS))
          .as(log("cut"))
          .isFalse();
      part.toHandle().destroyForcibly();
      part.waitFor();
      kills++;
    }
    // It saves and ends; its bits are compared as they are, unless the other one got further.
    whole.toHandle().destroy();
    assertThat(whole.waitFor()).as(log("whole")).isEqualTo(130);
    long reached = Checkpoints.newest(folder.resolve("whole"));
    long steps = Math.max(reached, Checkpoints.newest(folder.resolve("cut")));
    finish("cut", steps);
    if (steps > reached) {
      finish("whole", steps);
    }
    for (String file : new String[] {"model.safetensors", "optimizer.safetensors"}) {
      assertThat(Checkpoints.sha256(folder.resolve("cut"), steps, file))
          .isEqualTo(Checkpoints.sha256(folder.resolve("whole"), steps, file));
    }
    Campaign.ran("soak", "%.1f minutes, %d steps, %d kills", SECONDS / 60, steps, kills);
  }

  private void finish(String name, long steps) throws Exception {
    assertThat(start(name, Long.toString(steps), "resume", 2).waitFor()).as(log(name)).isZero();
  }

  private Process start(String name, String steps, String from, int threads) throws IOException {
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
                "--log_interval=1000",
                "--sample_interval=0",
                "--decay_lr=false",
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
