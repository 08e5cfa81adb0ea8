package birkhoff.tests.structure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The Java files of all modules that people write: everything but generated packages. */
final class Sources {
  private static final List<String> MODULES =
      List.of("engine", "ffi", "transformer", "tests", "perf");

  private Sources() {}

  /** The top of the source tree. */
  static Path root() {
    return Path.of(System.getProperty("birkhoff.root", "")).toAbsolutePath();
  }

  /** All hand-written Java files of every module below {@code root}, sorted. */
  static List<Path> handWritten(Path root) throws IOException {
    return handWritten(root, MODULES);
  }

  /** All hand-written Java files of some modules below {@code root}, sorted. */
  static List<Path> handWritten(Path root, List<String> modules) throws IOException {
    try (Stream<Path> files =
        modules.stream().map(m -> root.resolve(m).resolve("src")).flatMap(Sources::walk)) {
      return files
          .filter(f -> f.toString().endsWith(".java"))
          .filter(f -> !isGenerated(root.relativize(f)))
          .sorted()
          .toList();
    }
  }

  private static boolean isGenerated(Path file) {
    for (Path part : file) {
      if (part.toString().equals("gen")) {
        return true;
      }
    }
    return false;
  }

  private static Stream<Path> walk(Path folder) {
    try {
      return Files.isDirectory(folder) ? Files.walk(folder) : Stream.empty();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("cannot list " + folder, e);
    }
  }
}
