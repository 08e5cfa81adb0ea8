package birkhoff.tests.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs a main class of the tests in another JVM, for what is fixed when a JVM starts. */
public final class ChildJvm {
  private ChildJvm() {}

  /**
   * Fails unless {@code main} ends normally.
   *
   * @param options of the JVM, beside those that the kernels need
   * @return what it printed
   */
  public static String run(Class<?> main, List<String> options, String... arguments) {
    return run(Map.of(), main, options, arguments);
  }

  /** A command for a {@link ProcessBuilder}, with what the kernels need and nothing else. */
  public static List<String> command(Class<?> main, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** The same with some environment variables set. */
  public static String run(
      Map<String, String> environment, Class<?> main, List<String> options, String... arguments) {
    List<String> own = new ArrayList<>();
    own.add("-Xmx512m");
    own.add("-Dbirkhoff.seed=" + Seeds.base());
    own.add("-Dbirkhoff.factor=" + Campaign.factor());
    own.addAll(options);
    List<String> command = command(main, own, arguments);
    try {
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().putAll(environment);
      Process child = builder.start();
      String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = child.waitFor();
      if (code != 0) {
        throw new AssertionError(
            main.getSimpleName() + " with " + options + ": exit code " + code + "\n" + output);
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
