package birkhoff.tests.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A finished process.
 *
 * @param code its exit code
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 */
record Run(int code, String out, String err) {
  /** Runs to the end, for a minute at most, with some variables set (or, when null, unset). */
  static Run of(Map<String, String> env, List<String> command) throws Exception {
    return finish(start(env, command));
  }

  static Process start(Map<String, String> env, List<String> command) throws IOException {
    var builder = new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.PIPE);
    for (String inherited : List.of("JAVA_HOME", "BIRKHOFF_JAVA_HOME", "BIRKHOFF_JAVA_OPTS")) {
      builder.environment().remove(inherited);
    }
    builder.environment().putAll(env);
    return builder.start();
  }

  static Run finish(Process process) throws Exception {
    var out = CompletableFuture.supplyAsync(() -> text(process.getInputStream()));
    var err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new AssertionError("still running after a minute: " + process.info());
    }
    return new Run(
        process.exitValue(), out.get(10, TimeUnit.SECONDS), err.get(10, TimeUnit.SECONDS));
  }

  /** The command line of the Java that runs the tests. */
  static List<String> java(String... args) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(args));
    return command;
  }

  private static String text(InputStream in) {
    try (in) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
