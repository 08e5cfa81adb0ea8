package birkhoff.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A run that is cut at ten random steps and resumed each time, with another number of threads, has
 * the SHA-256 of the uninterrupted run at every cut and at the end.
 */
class ResumeChainTest {
  private static final int CUTS = Campaign.cases(10);
  private static final int STEPS = 6 * CUTS;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"none", "go_mhc"})
  void everyCutHasTheHashOfTheUninterruptedRun(String kind) throws IOException {
    Path text = SmallRun.text(folder);
    String[] settings = {
      "--dataset=" + text,
      "--hyper_conn_type=" + kind,
      "--gradient_accumulation_steps=2",
      "--dropout=0.1",
      "--eval_interval=1",
      "--eval_iters=1",
      "--keep_every=1",
      "--lr_decay_iters=" + STEPS,
      "--max_iters=" + STEPS
    };
    Path whole = folder.resolve("whole");
    SmallRun reference = SmallRun.train(whole, settings);
    assertThat(reference.code()).as(reference.err()).isZero();

    SplittableRandom random = Seeds.random("cuts", kind);
    List<Integer> ends =
        new java.util.ArrayList<>(
            random.ints(1, STEPS).distinct().limit(CUTS).sorted().boxed().toList());
    ends.add(STEPS);
    Path cut = folder.resolve("cut");
    for (int end : ends) {
      settings[settings.length - 1] = "--max_iters=" + end;
      boolean first = end == ends.getFirst();
      SmallRun part =
          first
              ? SmallRun.train(cut, settings)
              : SmallRun.of(
                  "train",
                  "--out_dir=" + cut,
                  "--init_from=resume",
                  "--max_iters=" + end,
                  "--threads=" + (1 + random.nextInt(4)));
      assertThat(part.code()).as(part.err()).isZero();
      for (String file : new String[] {"model.safetensors", "optimizer.safetensors"}) {
        assertThat(Checkpoints.sha256(cut, end, file))
            .as("%s after %d of the cuts %s", file, end, ends)
            .isEqualTo(Checkpoints.sha256(whole, end, file));
      }
    }
    Campaign.ran("resumed runs", "%s, %d steps, cut after %s", kind, STEPS, ends);
  }
}
