package birkhoff.tests.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of embedding compiles and fits with the engine alone on its path. */
class FitSineTest {
  private static final Pattern LINE = Pattern.compile("step +(\\d+)  loss ([0-9.]+)");

  @TempDir private Path folder;
  private ExampleProgram program;

  @BeforeEach
  void compile() throws Exception {
    program = ExampleProgram.compile("FitSine", folder);
  }

  @Test
  void fitsOnTheClassPath() throws Exception {
    fits("-cp", program.classPath());
  }

  @Test
  void fitsOnTheModulePath() throws Exception {
    fits(
        "-p",
        program.engine().toString(),
        "--add-modules",
        "birkhoff.engine",
        "-cp",
        folder.toString());
  }

  @Test
  void fitsWithTheVectorModule() throws Exception {
    fits("--add-modules", "jdk.incubator.vector", "-cp", program.classPath());
  }

  private void fits(String... options) throws Exception {
    String out = program.run(List.of(options));
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
