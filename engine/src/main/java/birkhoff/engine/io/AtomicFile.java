package birkhoff.engine.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Replaces a file so that a crash at any moment leaves the old content or the new one, whole: the
 * content goes to a temporary sibling, is forced to the disk, and takes the name by a rename.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes content to a channel. */
  @FunctionalInterface
  public interface Content {
    /** Writes everything to the channel, which is empty and at position 0. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Creates or replaces {@code target}. Its folder is created when missing.
   *
   * @throws IOException when writing fails; {@code target} is then untouched
   */
  public static void write(Path target, Content content) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    DurableFolder.create(folder);
    Path temporary = TemporaryNames.sibling(target);
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (FileSystemException e) {
      throw TemporaryNames.named(e, temporary, target);
    } finally {
      Files.deleteIfExists(temporary);
    }
    DurableFolder.force(folder);
  }

  /** Creates or replaces {@code target} with UTF-8 text. */
  public static void writeString(Path target, String text) throws IOException {
    write(
        target,
        channel -> {
          ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }
}
