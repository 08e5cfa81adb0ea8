package birkhoff.engine.io;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.UUID;

/** Names of temporary siblings: hidden, unique, and recognisable as litter after a crash. */
final class TemporaryNames {
  private static final String MARK = ".tmp-";

  private TemporaryNames() {}

  /** An unused name beside the target, on the same file system. */
  static Path sibling(Path target) {
    return target.resolveSibling("." + target.getFileName() + MARK + UUID.randomUUID());
  }

  /** A failure told of the name that the user knows, as far as it is one of the temporary. */
  static FileSystemException named(FileSystemException e, Path temporary, Path target) {
    String file = e.getFile();
    boolean denied = e instanceof AccessDeniedException;
    if (file == null
        || !file.startsWith(temporary.toString())
        || !denied && e.getClass() != FileSystemException.class) {
      return e;
    }
    String known = target + file.substring(temporary.toString().length());
    FileSystemException named =
        denied
            ? new AccessDeniedException(known, e.getOtherFile(), e.getReason())
            : new FileSystemException(known, e.getOtherFile(), e.getReason());
    named.initCause(e);
    return named;
  }

  /** Whether a file or folder of that name is left over from an interrupted write. */
  static boolean isLitter(Path path) {
    String name = path.getFileName().toString();
    return name.startsWith(".") && name.contains(MARK);
  }
}
