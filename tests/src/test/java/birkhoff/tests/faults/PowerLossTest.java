package birkhoff.tests.faults;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.io.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The order in which a save forces things to the disk: no name appears before its content is there,
 * nothing old goes before the new has its name for good, and what is saved is saved.
 */
class PowerLossTest {
  @TempDir private Path folder;

  private final Faults faults = new Faults();
  private Path root;

  @BeforeEach
  void watch() {
    root = FaultyFileSystem.of(folder, faults);
  }

  @Test
  void savesAreOnTheDiskWhenTheyAreDone() throws IOException {
    Path out = root.resolve("new/folders/run");
    try (NumberedModel model = new NumberedModel()) {
      for (int step = 1; step <= 3; step++) {
        model.save(out, step);
        faults.unforced().assertNothingLeft("after the save of step " + step);
      }
    }
  }

  @Test
  void filesAreOnTheDiskWhenTheyAreWritten() throws IOException {
    for (int i = 0; i < 2; i++) {
      AtomicFile.writeString(root.resolve("a/b/file"), "content " + i);
      faults.unforced().assertNothingLeft("after it was written");
    }
  }

  @Test
  void aWrongOrderIsNoticed() throws IOException {
    Path target = root.resolve("target");
    Path temporary = root.resolve(".target");
    try (FileChannel file =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(3));
      assertThatThrownBy(() -> Files.move(temporary, target))
          .hasMessageContaining("contents lost under the name " + folder.resolve("target"));
      file.force(true);
    }
    Files.move(temporary, target);
    assertThatThrownBy(() -> faults.unforced().assertNothingLeft("now"))
        .hasMessageContaining("not on the disk now");
    assertThatThrownBy(() -> Files.delete(target)).hasMessageContaining("before");
    try (FileChannel all = FileChannel.open(root, StandardOpenOption.READ)) {
      all.force(true);
    }
    faults.unforced().assertNothingLeft("now");

    Path filled = Files.createDirectory(root.resolve(".filled"));
    Files.createDirectory(filled.resolve("inside"));
    assertThatThrownBy(() -> Files.move(filled, root.resolve("filled")))
        .hasMessageContaining("names lost");
  }
}
