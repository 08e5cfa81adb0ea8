package birkhoff.tests.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.io.AtomicFile;
import birkhoff.engine.io.AtomicFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class AtomicPublicationTest {
  @TempDir Path folder;

  @Test
  void aFailedWriteLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("state.json");
    AtomicFile.writeString(file, "old");
    assertThatThrownBy(() ->
            AtomicFile.write(
                file,
                channel -> {
                  channel.write(ByteBuffer.wrap(new byte[100]));
                  throw new IOException("disk full");
                }))
        .hasMessage("disk full");
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("state.json");
    AtomicFile.writeString(file, "new");
    assertThat(file).hasContent("new");
  }

  @Test
  void aFailedFolderIsNeverSeen() {
    Path target = folder.resolve("step-1");
    assertThatThrownBy(() ->
            AtomicFolder.publish(
                target,
                temporary -> {
                  Files.writeString(temporary.resolve("a"), "half");
                  throw new IOException("disk full");
                }))
        .hasMessage("disk full");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void publishingTwiceIsRefusedAndRemovingIsWhole() throws IOException {
    Path target = folder.resolve("step-1");
    AtomicFolder.publish(target, f -> Files.writeString(f.resolve("a"), "1"));
    assertThatThrownBy(() -> AtomicFolder.publish(target, f -> {}))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(target.resolve("a")).hasContent("1");
    AtomicFolder.remove(target);
    AtomicFolder.remove(target);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  @Timeout(60)
  void aKilledProcessLeavesOnlyWholeFolders() throws Exception {
    int whole = 0;
    int killsWithLitter = 0;
    for (int round = 0; round < 6; round++) {
      Path out = Files.createDirectory(folder.resolve("round-" + round));
      Process child =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xshare:auto",
                  "-cp",
                  System.getProperty("java.class.path"),
                  PublishForever.class.getName(),
                  out.toString())
              .redirectErrorStream(true)
              .start();
      child.getInputStream().read();
      Thread.sleep(40 + 17L * round);
      child.destroyForcibly();
      assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();

      killsWithLitter += AtomicFolder.removeLitter(out).isEmpty() ? 0 : 1;
      try (Stream<Path> published = Files.list(out)) {
        for (Path each : published.toList()) {
          whole++;
          for (String name : PublishForever.FILES) {
            assertThat(each.resolve(name)).hasSize(PublishForever.SIZE);
          }
        }
      }
    }
    assertThat(whole).as("folders published before the kills").isPositive();
    assertThat(killsWithLitter).as("kills in the middle of publishing").isPositive();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }
}
