package birkhoff.tests.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a fresh JVM loads and says, in child processes with a cache folder of their own. */
@Timeout(120)
class LibraryLoadingTest {
  private static final String ENABLE = "--enable-native-access=ALL-UNNAMED";

  @TempDir Path folder;

  @Test
  void theEmbeddedLibraryIsExtractedVerifiedAndRepaired() throws Exception {
    List<String> lines = probe(List.of(ENABLE), Map.of(), "-", "-");
    assertThat(lines.get(0)).startsWith("yes: OpenBLAS ");
    assertThat(lines.get(1)).startsWith("  embedded " + folder).endsWith(": loaded");
    assertThat(lines.get(3)).startsWith("yes: ");
    assertThat(lines.get(4)).contains("in this JVM");

    Path library = extracted();
    byte[] good = Files.readAllBytes(library);
    byte[] damaged = good.clone();
    Arrays.fill(damaged, damaged.length / 2, damaged.length / 2 + 4096, (byte) 0);
    Files.write(library, damaged);
    assertThat(probe(List.of(ENABLE), Map.of(), "-").get(0)).startsWith("yes: ");
    assertThat(library).hasBinaryContent(good);
  }

  @Test
  void aFileNamedByVariableOrPropertyIsUsedAndARefusedOneLeavesNothingBehind() throws Exception {
    probe(List.of(ENABLE), Map.of(), "-");
    String file = extracted().toString();
    String missing = folder.resolve("missing.so").toString();
    // libopenblas finds its neighbours by itself, libgfortran's only where the system has them.
    String[] order = {missing, extracted("gfortran").toString(), "-"};
    List<String> lines = probe(List.of(ENABLE), Map.of(), order);
    assertThat(answers(lines)).containsExactly("no", "no", "yes");
    assertThat(probe(List.of(ENABLE), Map.of("BIRKHOFF_OPENBLAS", "off"), "-").getFirst())
        .isEqualTo("no: user off: disabled (switched off by the user)");
    assertThat(
            probe(
                    List.of(ENABLE, "-Dbirkhoff.openblas=off"),
                    Map.of("BIRKHOFF_OPENBLAS", file),
                    "-")
                .getFirst())
        .isEqualTo("no: user off: disabled (switched off by the user)");
  }

  @Test
  void withoutNativeAccessTheFlagIsNamed() throws Exception {
    List<String> lines = probe(List.of("--illegal-native-access=deny"), Map.of(), "-");
    assertThat(lines.getFirst())
        .startsWith("no: ")
        .contains("native access denied")
        .contains("--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void withoutTheArtifactTheSystemIsAsked() throws Exception {
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(e -> !Path.of(e).getFileName().toString().startsWith("openblas-"))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> lines = run(classPath, List.of(ENABLE), Map.of(), "-");
    assertThat(lines.get(1)).contains("embedded", "not found", "not on the class path");
    assertThat(lines.get(2)).startsWith("  system ");
    assertThat(folder).isEmptyDirectory();
  }

  /** Says of itself what builds of OpenBLAS say, and computes nothing, which is noticed last. */
  private static final String STUB =
      """
      static int threads = 4;
      void cblas_sgemm(void) {}
      void cblas_dgemm(void) {}
      void cblas_sgemv(void) {}
      void cblas_dgemv(void) {}
      void openblas_set_num_threads(int n) { threads = STUBBORN ? threads : n; }
      int openblas_get_num_threads(void) { return threads; }
      int openblas_get_parallel(void) { return PARALLEL; }
      char *openblas_get_config(void) { return CONFIG; }
      char *openblas_get_corename(void) { return "Stub"; }
      int omp_get_max_threads(void) { return OMP; }
      """;

  @ParameterizedTest
  @CsvSource({
    "2, 4, 0, OpenBLAS 9.9, an OpenMP build that would start 4 threads in each call",
    "2, 1, 0, OpenBLAS 9.9, fails its self-test",
    "1, 4, 0, OpenBLAS 9.9, fails its self-test",
    "0, 1, 0, OpenBLAS 9.9, a sequential build",
    "1, 1, 1, OpenBLAS 9.9, openblas_set_num_threads(1) has no effect",
    "1, 1, 0, OpenBLAS 9.9 USE64BITINT, built with 64-bit integers"
  })
  void aBuildIsJudgedByWhatItSaysOfItself(
      int parallel, int omp, int stubborn, String config, String refusal) throws Exception {
    Path source = Files.writeString(folder.resolve("stub.c"), STUB);
    String library = folder.resolve("libstub.so").toString();
    compile(
        "-DPARALLEL=" + parallel,
        "-DOMP=" + omp,
        "-DSTUBBORN=" + stubborn,
        "-DCONFIG=\"" + config + "\"",
        "-o" + library,
        source.toString());
    List<String> lines = probe(List.of(ENABLE), Map.of(), library);
    assertThat(lines.getFirst()).startsWith("no: ").contains(refusal);
  }

  private static void compile(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("cc", "-shared", "-fPIC"));
    command.addAll(List.of(arguments));
    Process compiler;
    try {
      compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      abort("there is no C compiler");
      return;
    }
    String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(compiler.waitFor()).as(output).isZero();
  }

  @Test
  void anUnusableCacheFolderIsNamedWithItsRemedy() throws Exception {
    Path blocked = Files.createFile(folder.resolve("file"));
    List<String> lines = probe(List.of(ENABLE), Map.of("BIRKHOFF_CACHE", blocked.toString()), "-");
    assertThat(lines.get(1))
        .contains("not extracted")
        .contains("BIRKHOFF_CACHE")
        .contains(blocked.toString());
  }

  @Test
  void processesThatStartTogetherAllLoad() throws Exception {
    var children = new ArrayList<Process>();
    for (int i = 0; i < 3; i++) {
      children.add(start(System.getProperty("java.class.path"), List.of(ENABLE), Map.of(), "-"));
    }
    for (Process child : children) {
      assertThat(output(child).getFirst()).startsWith("yes: ");
    }
    try (Stream<Path> files = Files.list(extracted().getParent())) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .allMatch(name -> name.startsWith("lib"));
    }
  }

  private Path extracted() throws IOException {
    return extracted("openblas");
  }

  private Path extracted(String name) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(f -> f.getFileName().toString().startsWith("lib" + name))
          .findFirst()
          .orElseThrow();
    }
  }

  private static List<String> answers(List<String> lines) {
    return lines.stream()
        .filter(l -> !l.startsWith(" "))
        .map(l -> l.substring(0, l.indexOf(':')))
        .toList();
  }

  private List<String> probe(List<String> jvm, Map<String, String> environment, String... args)
      throws Exception {
    return run(System.getProperty("java.class.path"), jvm, environment, args);
  }

  private List<String> run(
      String classPath, List<String> jvm, Map<String, String> environment, String... args)
      throws Exception {
    return output(start(classPath, jvm, environment, args));
  }

  private Process start(
      String classPath, List<String> jvm, Map<String, String> environment, String... args)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.addAll(jvm);
    command.addAll(List.of("-cp", classPath, ProbeMain.class.getName()));
    command.addAll(List.of(args));
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().remove("BIRKHOFF_OPENBLAS");
    builder.environment().put("BIRKHOFF_CACHE", folder.toString());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static List<String> output(Process child) throws Exception {
    try (var reader = child.inputReader()) {
      List<String> lines = reader.lines().toList();
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).as("exit code after %s", lines).isZero();
      return lines;
    }
  }
}
