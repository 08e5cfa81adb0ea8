package birkhoff.tests.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether signals can be tested here. */
public final class Signals {
  private static final Path STATUS = Path.of("/proc/self/status");

  private Signals() {}

  /**
   * Tells whether children of this process react to a signal. A process started in the background
   * by a shell without job control (or by nohup) has SIGINT ignored, and hands that on.
   *
   * @param name HUP, INT or TERM
   */
  public static boolean delivered(String name) throws IOException {
    if (System.getProperty("os.name").startsWith("Windows")) {
      return false;
    }
    if (!Files.exists(STATUS)) {
      return true;
    }
    int number =
        switch (name) {
          case "HUP" -> 1;
          case "INT" -> 2;
          case "TERM" -> 15;
          default -> throw new IllegalArgumentException("signal " + name);
        };
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("SigIgn:")) {
        long ignored = Long.parseUnsignedLong(line.substring(7).strip(), 16);
        return (ignored >>> (number - 1) & 1) == 0;
      }
    }
    return true;
  }
}
