package birkhoff.tests.structure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    var files = new ArrayList<Path>();
    for (String module : modules) {
      Path sources = root.resolve(module).resolve("src");
      if (Files.isDirectory(sources)) {
        try (Stream<Path> walk = Files.walk(sources)) {
          walk.filter(f -> f.toString().endsWith(".java"))
              .filter(f -> !isGenerated(root.relativize(f)))
              .forEach(files::add);
        }
      }
    }
    return files.stream().sorted().toList();
  }

  /** Whether a path leads through a package of generated code. */
  static boolean isGenerated(Path file) {
    for (Path part : file) {
      if (part.toString().equals("gen")) {
        return true;
      }
    }
    return false;
  }
}
