package birkhoff.ffi.load;

import birkhoff.engine.io.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Supplier;

/**
 * A folder of extracted native libraries. Every file is compared with its SHA-256 each time it is
 * asked for, and written anew when it differs. Safe for many processes at once: a file appears
 * whole, by an atomic rename, or not at all.
 */
public final class LibraryCache {
  private static final int BUFFER = 1 << 18;

  private final Path folder;

  /** A cache in {@code folder}, which need not exist yet. */
  public LibraryCache(Path folder) {
    this.folder = folder;
  }

  /**
   * The file {@code name} with exactly the wanted contents.
   *
   * @param sha256 of the contents, lower-case hexadecimal
   * @param contents opened only when the file is missing or differs
   * @throws IOException when the folder cannot be written or the contents do not match
   */
  public Path file(String name, String sha256, Supplier<InputStream> contents) throws IOException {
    Path file = folder.resolve(name);
    if (matches(file, sha256)) {
      return file;
    }
    createPrivate(folder);
    AtomicFile.write(
        file,
        channel -> {
          String found = copy(contents, channel);
          if (!found.equals(sha256)) {
            throw new IOException(
                name + " on the class path has SHA-256 " + found + ", expected " + sha256);
          }
        });
    return file;
  }

  private static boolean matches(Path file, String sha256) throws IOException {
    MessageDigest digest = sha256();
    try (FileChannel in = FileChannel.open(file)) {
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      while (in.read(buffer.clear()) >= 0) {
        digest.update(buffer.flip());
      }
    } catch (NoSuchFileException e) {
      return false;
    }
    return HexFormat.of().formatHex(digest.digest()).equals(sha256);
  }

  private static String copy(Supplier<InputStream> contents, FileChannel out) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = contents.get()) {
      byte[] bytes = new byte[BUFFER];
      for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
        digest.update(bytes, 0, n);
        for (ByteBuffer rest = ByteBuffer.wrap(bytes, 0, n); rest.hasRemaining(); ) {
          out.write(rest);
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  // Others must not be able to swap a library between the check and the load.
  private static void createPrivate(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } else {
        Files.createDirectory(folder);
      }
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
