package birkhoff.transformer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** An installed Java, described by its {@code release} file without starting it. Immutable. */
public final class Jdk {
  /** The oldest release that runs Birkhoff. */
  public static final int OLDEST = 25;

  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  private final Path home;
  private final int feature;
  private final boolean vectorModule;

  private Jdk(Path home, int feature, boolean vectorModule) {
    this.home = home;
    this.feature = feature;
    this.vectorModule = vectorModule;
  }

  /**
   * Reads what is installed in a folder.
   *
   * @return the installation, or null when the folder is not one
   */
  public static Jdk at(Path home) {
    Path release = home.resolve("release");
    if (executable(home) == null || !Files.isRegularFile(release)) {
      return null;
    }
    int feature = 0;
    // A release file without a list of modules belongs to a full JDK.
    boolean vectorModule = true;
    try {
      String text = new String(Files.readAllBytes(release), StandardCharsets.ISO_8859_1);
      for (String line : text.split("\\R", -1)) {
        if (line.startsWith("JAVA_VERSION=")) {
          feature = feature(value(line));
        } else if (line.startsWith("MODULES=")) {
          vectorModule = (" " + value(line) + " ").contains(" " + VECTOR_MODULE + " ");
        }
      }
    } catch (IOException e) {
      return null;
    }
    return feature == 0 ? null : new Jdk(home, feature, vectorModule);
  }

  /**
   * The feature release in a version such as {@code 25.0.3}, {@code 26-ea} or {@code 1.8.0_402}.
   */
  public static int feature(String version) {
    String digits = version.startsWith("1.") ? version.substring(2) : version;
    int end = 0;
    while (end < digits.length() && Character.isDigit(digits.charAt(end))) {
      end++;
    }
    return end == 0 || end > 6 ? 0 : Integer.parseInt(digits.substring(0, end));
  }

  /** The installation's folder. */
  public Path home() {
    return home;
  }

  /** The feature release: 25 for 25.0.3. */
  public int feature() {
    return feature;
  }

  /** The program that starts it. */
  public Path java() {
    return executable(home);
  }

  /** Whether it can run Birkhoff: new enough, and with the vector module. */
  public boolean fits() {
    return feature >= OLDEST && vectorModule;
  }

  /** Release and folder, and what is missing. */
  @Override
  public String toString() {
    return feature
        + (feature >= OLDEST && !vectorModule ? " without " + VECTOR_MODULE : "")
        + " in "
        + home;
  }

  private static Path executable(Path home) {
    for (String name : new String[] {"bin/java", "bin/java.exe"}) {
      Path program = home.resolve(name);
      if (Files.isExecutable(program)) {
        return program;
      }
    }
    return null;
  }

  private static String value(String line) {
    return line.substring(line.indexOf('=') + 1).replace("\"", "").trim();
  }
}
