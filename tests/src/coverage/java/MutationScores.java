import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How many small faults, put into some packages one at a time by PIT, their tests find. Fails below
 * the limit; a report of every fault is left for each package.
 *
 * <p>Arguments: the project's folder, and the packages to look at (all when there are none).
 */
final class MutationScores {
  private static final double LIMIT = 0.75;

  /** Named by the last part of the package; the tests are those that are quick enough. */
  private record Scope(String name, String classes, String... tests) {}

  private static final List<Scope> SCOPES =
      List.of(
          new Scope(
              "io",
              "birkhoff.engine.io.*",
              "formats.SafeTensorsTest",
              "formats.MalformedSafeTensorsTest",
              "hostile.HostileSafeTensorsTest",
              "faults.FaultInjectionTest",
              "faults.PowerLossTest",
              "ffi.LibraryCacheTest"),
          new Scope(
              "checkpoint",
              "birkhoff.transformer.checkpoint.*",
              "faults.FaultInjectionTest",
              "faults.PowerLossTest",
              "formats.CheckpointStoreTest",
              "formats.RebuildTest",
              "e2e.KeptCheckpointsTest",
              "cli.InfoTest",
              "exchange.HuggingFaceTest"),
          new Scope(
              "autograd",
              "birkhoff.engine.autograd.*",
              "autograd.*",
              "memory.*",
              "profile.OpProfileTest",
              "gradcheck.ForgetSpecsTest",
              "gradcheck.ModelGradientsTest"),
          new Scope(
              "op",
              "birkhoff.engine.op.*",
              "gradcheck.OpGradientsTest",
              "gradcheck.ErrorInputsTest",
              "gradcheck.MixedOpsTest",
              "gradcheck.ForgetSpecsTest",
              "mixing.MixingOpsTest",
              "profile.WorkCountsTest",
              "profile.OpProfileTest",
              "memory.StepBudgetTest",
              "autograd.*"));

  private MutationScores() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path root = Path.of(arguments[0]).toRealPath();
    List<String> chosen = List.of(arguments).subList(1, arguments.length);
    boolean enough = true;
    for (Scope scope : SCOPES) {
      if (chosen.isEmpty() || chosen.contains(scope.name())) {
        enough &= score(scope, root);
      }
    }
    if (!enough) {
      System.out.printf(Locale.ROOT, "fewer than %.0f %% of the faults are found%n", 100 * LIMIT);
      System.exit(1);
    }
  }

  private static boolean score(Scope scope, Path root) throws IOException, InterruptedException {
    Path report = root.resolve("tests/target/mutation").resolve(scope.name());
    Files.createDirectories(report);
    Path log = report.resolve("log.txt");
    int code =
        new ProcessBuilder(command(scope, root, report))
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    if (code != 0) {
      throw new IOException("PIT ended with code " + code + ", see " + log);
    }
    List<String> results;
    try (Stream<String> lines = Files.lines(report.resolve("mutations.csv"))) {
      results = lines.filter(l -> l.contains(",")).map(l -> l.split(",")[5]).toList();
    }
    // A fault that makes a test endless is found; on a busy machine slow tests look like it.
    long endless = results.stream().filter("TIMED_OUT"::equals).count();
    long found = endless + results.stream().filter("KILLED"::equals).count();
    double share = (double) found / results.size();
    System.out.printf(
        Locale.ROOT,
        "%-12s %5d of %5d faults found, %.1f %%, %d of them by running out of time; %s%n",
        scope.name(),
        found,
        results.size(),
        100 * share,
        endless,
        report.resolve("index.html"));
    return share >= LIMIT;
  }

  private static List<String> command(Scope scope, Path root, Path report) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String code =
        Stream.of("engine", "transformer")
            .map(m -> root.resolve(m).resolve("target/classes").toString())
            .collect(Collectors.joining(","));
    String jvm =
        String.join(
            ",",
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx1g",
            // One seed instead of five, and the like: a fault shows at once or never.
            "-Dbirkhoff.factor=0.2",
            "-Dbirkhoff.root=" + root,
            "-Dbirkhoff.jar=" + root.resolve("transformer/target/birkhoff.jar"));
    List<String> command = new ArrayList<>();
    // Folders before the archives of the same classes: only what lies in folders is changed.
    String path = code.replace(",", File.pathSeparator);
    command.addAll(
        List.of(
            java,
            "-cp",
            path + File.pathSeparator + System.getProperty("java.class.path"),
            "org.pitest.mutationtest.commandline.MutationCoverageReport"));
    option(command, "reportDir", report.toString());
    option(command, "targetClasses", scope.classes());
    option(
        command,
        "targetTests",
        Stream.of(scope.tests()).map(t -> "birkhoff.tests." + t).collect(Collectors.joining(",")));
    option(command, "sourceDirs", "engine/src/main/java,transformer/src/main/java");
    option(command, "mutableCodePaths", code);
    option(command, "jvmArgs", jvm);
    option(command, "threads", "2");
    option(command, "outputFormats", "HTML,CSV");
    option(command, "timestampedReports", "false");
    option(command, "timeoutConst", "15000");
    return command;
  }

  private static void option(List<String> command, String name, String value) {
    command.add("--" + name);
    command.add(value);
  }
}
