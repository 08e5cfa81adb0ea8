package birkhoff.tests.structure;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The compiled classes of the modules that are shipped. */
final class Modules {
  static final List<String> SHIPPED = List.of("engine", "ffi", "transformer");

  private Modules() {}

  /** All shipped classes, with generated packages. */
  static JavaClasses all() {
    return of(SHIPPED);
  }

  /** The classes of some modules. */
  static JavaClasses of(List<String> modules) {
    return new ClassFileImporter().importPaths(modules.stream().map(Modules::classes).toList());
  }

  /** The folder of a module's compiled classes. */
  static Path classes(String module) {
    return Sources.root().resolve(module).resolve("target/classes");
  }

  /** The class files that come from hand-written sources. */
  static List<Path> classFiles() {
    return SHIPPED.stream().flatMap(m -> classFiles(classes(m)).stream()).toList();
  }

  /** The class files below one module's folder that come from hand-written sources. */
  static List<Path> classFiles(Path folder) {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(f -> f.toString().endsWith(".class"))
          .filter(f -> !Sources.isGenerated(folder.relativize(f)))
          .toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("compile first: no classes in " + folder, e);
    }
  }
}
