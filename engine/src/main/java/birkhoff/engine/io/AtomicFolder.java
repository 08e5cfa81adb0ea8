package birkhoff.engine.io;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Publishes a whole folder at once: it is filled under a temporary name, everything in it is forced
 * to the disk, and one rename gives it its name. A crash leaves either no folder of that name or a
 * complete one, and perhaps litter, which {@link #removeLitter} takes away at the next start.
 */
public final class AtomicFolder {
  private AtomicFolder() {}

  /** Fills an empty folder. */
  @FunctionalInterface
  public interface Content {
    /** Creates the files in the given, existing folder. */
    void fill(Path folder) throws IOException;
  }

  /**
   * Creates {@code target}, which must not exist yet.
   *
   * @throws FileAlreadyExistsException when {@code target} exists
   * @throws IOException when filling or publishing fails; {@code target} then does not exist
   */
  public static void publish(Path target, Content content) throws IOException {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    Path parent = target.toAbsolutePath().getParent();
    DurableFolder.create(parent);
    Path temporary = TemporaryNames.sibling(target.toAbsolutePath());
    try {
      Files.createDirectory(temporary);
      content.fill(temporary);
      DurableFolder.forceTree(temporary);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      throw TemporaryNames.named(e, temporary, target);
    } finally {
      DurableFolder.deleteTree(temporary);
    }
    DurableFolder.force(parent);
  }

  /**
   * Removes a folder so that a crash on the way never leaves a part of it under its name: it is
   * renamed to litter first. Does nothing when the folder does not exist.
   */
  public static void remove(Path target) throws IOException {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Path doomed = TemporaryNames.sibling(target.toAbsolutePath());
    Files.move(target, doomed, StandardCopyOption.ATOMIC_MOVE);
    DurableFolder.force(target.toAbsolutePath().getParent());
    DurableFolder.deleteTree(doomed);
  }

  /**
   * Deletes what interrupted calls left in a folder. The caller must know that no other process is
   * writing there.
   *
   * @return the removed paths; empty when there was nothing or the folder does not exist
   */
  public static List<Path> removeLitter(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> litter;
    try (Stream<Path> children = Files.list(folder)) {
      litter = children.filter(TemporaryNames::isLitter).toList();
    }
    for (Path path : litter) {
      DurableFolder.deleteTree(path);
    }
    return litter;
  }
}
