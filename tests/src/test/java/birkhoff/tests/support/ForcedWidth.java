package birkhoff.tests.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a main class in a child JVM whose float32 kernels use another vector width. A width is a
 * constant of a JVM, so it cannot change inside one.
 */
public final class ForcedWidth {
  /** The widths that {@code -Dbirkhoff.vector.bits} takes, in ascending order. */
  public static int[] widths() {
    return new int[] {64, 128, 256, 512};
  }

  private ForcedWidth() {}

  /**
   * Fails unless {@code main} ends normally under vectors of {@code bits} bits.
   *
   * @param arguments of the main method
   * @return what it printed
   */
  public static String run(Class<?> main, int bits, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx512m",
            "-Dbirkhoff.vector.bits=" + bits,
            "-Dbirkhoff.seed=" + Seeds.base(),
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    command.addAll(List.of(arguments));
    try {
      Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = child.waitFor();
      if (code != 0) {
        throw new AssertionError(
            main.getSimpleName()
                + " with "
                + bits
                + "-bit vectors: exit code "
                + code
                + "\n"
                + output);
      }
      return output;
    } catch (IOException e) {
      throw new AssertionError("cannot start " + command.getFirst(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
