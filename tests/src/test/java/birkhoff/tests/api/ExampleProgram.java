package birkhoff.tests.api;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import java.io.File;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;

/** A program of {@code engine/src/example}, compiled with nothing but the engine on its path. */
record ExampleProgram(String name, Path folder, Path engine) {
  /** Compiles without a warning into {@code folder}; the source is short. */
  static ExampleProgram compile(String name, Path folder) throws Exception {
    Path engine = Path.of(Engine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path source =
        Path.of(
            System.getProperty("birkhoff.root", ""), "engine/src/example/java/" + name + ".java");
    assertThat(Files.readAllLines(source)).hasSizeLessThan(75);
    var compiler = ToolProvider.getSystemJavaCompiler();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      var messages = new StringWriter();
      List<String> options =
          List.of("-d", folder.toString(), "-cp", engine.toString(), "-Xlint:all,-path", "-Werror");
      boolean compiled =
          compiler
              .getTask(messages, files, null, options, null, files.getJavaFileObjects(source))
              .call();
      assertThat(compiled).as(messages.toString()).isTrue();
    }
    return new ExampleProgram(name, folder, engine);
  }

  /** The class path of the program. */
  String classPath() {
    return engine + File.pathSeparator + folder;
  }

  /** Runs it in a JVM of its own; fails unless it ends normally. */
  String run(List<String> options, String... arguments) throws Exception {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add(name);
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String out;
    try (var stream = process.inputReader()) {
      out = String.join("\n", stream.readAllLines());
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(out).isZero();
    return out;
  }
}
