package birkhoff.tests.api;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of embedding compiles and fits with the engine alone on its path. */
class FitSineTest {
  private static final Pattern LINE = Pattern.compile("step +(\\d+)  loss ([0-9.]+)");

  @TempDir private Path folder;
  private Path engine;

  @BeforeEach
  void compile() throws Exception {
    engine = Path.of(Engine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path source =
        Path.of(System.getProperty("birkhoff.root", ""), "engine/src/example/java/FitSine.java");
    assertThat(Files.readAllLines(source)).hasSizeLessThan(60);
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
  }

  @Test
  void fitsOnTheClassPath() throws Exception {
    fits("-cp", engine + java.io.File.pathSeparator + folder);
  }

  @Test
  void fitsOnTheModulePath() throws Exception {
    fits("-p", engine.toString(), "--add-modules", "birkhoff.engine", "-cp", folder.toString());
  }

  @Test
  void fitsWithTheVectorModule() throws Exception {
    fits(
        "--add-modules",
        "jdk.incubator.vector",
        "-cp",
        engine + java.io.File.pathSeparator + folder);
  }

  private static void fits(String... options) throws Exception {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.add("FitSine");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out;
    try (var stream = process.inputReader()) {
      out = String.join("\n", stream.readAllLines());
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(out).isZero();
    List<MatchResult> lines = LINE.matcher(out).results().toList();
    assertThat(lines).as(out).hasSize(6);
    assertThat(loss(lines.getFirst())).as(out).isGreaterThan(0.05);
    assertThat(loss(lines.getLast())).as(out).isLessThan(0.002);
    assertThat(lines.getLast().group(1)).isEqualTo("500");
  }

  private static double loss(MatchResult line) {
    return Double.parseDouble(line.group(2));
  }
}
