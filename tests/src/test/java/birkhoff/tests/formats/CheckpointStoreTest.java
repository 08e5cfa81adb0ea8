package birkhoff.tests.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.tests.faults.NumberedModel;
import birkhoff.transformer.checkpoint.CheckpointStore;
import birkhoff.transformer.checkpoint.TrainProgress;
import birkhoff.transformer.error.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What counts as a checkpoint of a run, and what its lowest loss is. */
class CheckpointStoreTest {
  @TempDir private Path folder;

  @Test
  void whatIsNoCheckpointIsNeitherTheNewestNorRemoved() throws IOException {
    try (var model = new NumberedModel()) {
      model.save(folder, 1);
      Path checkpoints = folder.resolve("checkpoints");
      Path file = Files.createFile(checkpoints.resolve("step-00000009"));
      Path other = Files.createDirectory(checkpoints.resolve("other"));
      var store = new CheckpointStore(folder);
      assertThat(store.latest()).hasValue(checkpoints.resolve("step-00000001"));
      model.save(folder, 2);
      assertThat(store.latest()).hasValue(checkpoints.resolve("step-00000002"));
      assertThat(file).isRegularFile();
      assertThat(other).isDirectory();
      assertThat(checkpoints.resolve("step-00000001")).doesNotExist();
    }
  }

  @Test
  void theLowestLossIsThatOfTheStepsSoFar() throws IOException {
    var store = new CheckpointStore(folder);
    assertThat(store.bestLoss(progress(3, 0.5))).isEqualTo(0.5);
    store.markBest(5, 0.25);
    // Noted by steps that a run resumed at step 4 has not done.
    assertThat(store.bestLoss(progress(4, 0.5))).isEqualTo(0.5);
    assertThat(store.bestLoss(progress(5, 0.5))).isEqualTo(0.25);
    assertThat(store.bestLoss(progress(6, 0.125))).isEqualTo(0.125);
  }

  @Test
  void aBestStepWithoutItsLossIsRefused() throws IOException {
    var store = new CheckpointStore(folder);
    for (String loss : new String[] {"", ", \"val_loss\": null", ", \"val_loss\": \"low\""}) {
      Files.writeString(folder.resolve("best.json"), "{\"step\": 5" + loss + "}");
      assertThatThrownBy(() -> store.bestLoss(progress(5, 0.5)))
          .isInstanceOf(DataException.class)
          .hasMessageContainingAll("best.json", "val_loss");
    }
  }

  private static TrainProgress progress(long step, double best) {
    return new TrainProgress(step, step, best, "sha");
  }
}
