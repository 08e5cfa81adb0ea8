package birkhoff.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.io.AtomicFolder;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.ChildJvm;
import birkhoff.tests.support.Seeds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Campaign 9: a process that saves in a loop is killed at a random moment, again and again in the
 * same folder: the newest checkpoint is whole to the last bit, none that was announced is lost, and
 * after the next start nothing else is left.
 */
class KilledSavesTest {
  private static final int KILLS = 40;
  private static final int MOST_MILLIS = 60;

  @TempDir private Path folder;

  @Test
  void theNewestCheckpointIsWholeAfterEveryKill() throws Exception {
    SplittableRandom random = Seeds.random("kills");
    int kills = Campaign.cases(KILLS);
    int inTheMiddle = 0;
    long newest = 0;
    try (var model = new NumberedModel()) {
      for (int round = 0; round < kills; round++) {
        Process child =
            new ProcessBuilder(
                    ChildJvm.command(
                        SaveForever.class,
                        List.of("-Xmx64m"),
                        folder.toString(),
                        Long.toString(newest + 1)))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(child.getInputStream().read()).as("a first save").isEqualTo('.');
        Thread.sleep(random.nextInt(MOST_MILLIS));
        // The handle's, because the process's closes what it has printed.
        child.toHandle().destroyForcibly();
        assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
        long announced = newest + 1 + child.getInputStream().readAllBytes().length;

        long found = model.newest(folder);
        // The one being saved may have got its name before its dot was printed.
        assertThat(found).as("round %d", round).isBetween(announced, announced + 1);
        int litter = AtomicFolder.removeLitter(folder.resolve("checkpoints")).size();
        litter += AtomicFolder.removeLitter(folder).size();
        inTheMiddle += litter > 0 ? 1 : 0;
        try (Stream<Path> left = Files.list(folder.resolve("checkpoints"))) {
          assertThat(left.map(p -> p.getFileName().toString()))
              .as("round %d", round)
              .allMatch(name -> name.matches("step-[0-9]{8}"));
        }
        newest = found;
      }
    }
    Campaign.ran(
        "kills",
        "%d kills, %d of them in the middle of a save, %d saves",
        kills,
        inTheMiddle,
        newest);
    assertThat(inTheMiddle).isPositive();
  }
}
