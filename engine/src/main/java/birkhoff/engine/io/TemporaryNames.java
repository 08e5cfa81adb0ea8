package birkhoff.engine.io;

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

  /** Whether a file or folder of that name is left over from an interrupted write. */
  static boolean isLitter(Path path) {
    String name = path.getFileName().toString();
    return name.startsWith(".") && name.contains(MARK);
  }
}
