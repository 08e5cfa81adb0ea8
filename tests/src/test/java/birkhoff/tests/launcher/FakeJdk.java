package birkhoff.tests.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Folders that look like an installed Java. */
final class FakeJdk {
  static final String WITH_VECTOR = "java.base jdk.incubator.vector jdk.jfr";

  private FakeJdk() {}

  /** A folder with a release file and a program that does nothing. */
  static Path create(Path home, String version, String modules) throws IOException {
    return create(home, version, modules, "#!/bin/sh\n");
  }

  /** A folder with a release file and a given program; no list of modules when null. */
  static Path create(Path home, String version, String modules, String program) throws IOException {
    Files.createDirectories(home.resolve("bin"));
    String release = "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n";
    Files.writeString(
        home.resolve("release"),
        modules == null ? release : release + "MODULES=\"" + modules + "\"\n");
    script(home.resolve("bin/java"), program);
    return home;
  }

  /** An executable file. */
  static Path script(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }
}
