package birkhoff.perf.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs benchmarks and prints one table, time and heap bytes per call, and the vector kernels that
 * allocate. Arguments, all optional:
 *
 * <ul>
 *   <li>{@code quick}: a chosen few, one fork each, about two minutes;
 *   <li>a regular expression on the names, such as {@code GemmBenchmark};
 *   <li>{@code provider=vector,scalar,openblas} (OpenBLAS serves matrix products only);
 *   <li>{@code bits=256,512}: vector widths, each in JVMs of its own;
 *   <li>{@code NAME=VALUE,…} for any other parameter, such as {@code elements=131072};
 *   <li>{@code json=FILE}: JMH's results, one file for matrix products ({@code -gemm}) and one for
 *       the rest, for each width.
 * </ul>
 */
public final class Benchmarks {
  private static final String QUICK =
      "Gemm.*|Attention.*forward|Elementwise.*unary|Reduction.*sum|Normalization.*layerNorm"
          + "|Loss.*|Embedding.*gather|Random.*|Mixing.*streamWrite|Mixers.*mix|Optimizer.*";
  private static final String ALLOCATED = "gc.alloc.rate.norm";
  private static final double HARMLESS_BYTES = 2048;

  private Benchmarks() {}

  /** See the class comment. */
  public static void main(String[] args) throws RunnerException, IOException {
    String include = ".*";
    String json = "";
    boolean quick = false;
    List<String> widths = List.of(KernelState.MACHINE);
    List<String[]> parameters = new ArrayList<>();
    for (String arg : args) {
      String[] pair = arg.split("=", 2);
      if (arg.equals("quick")) {
        quick = true;
      } else if (pair.length == 1) {
        include = arg;
      } else if (pair[0].equals("bits")) {
        widths = List.of(pair[1].split(",", -1));
      } else if (pair[0].equals("json")) {
        json = pair[1];
      } else {
        parameters.add(pair);
      }
    }
    boolean named = parameters.stream().anyMatch(pair -> pair[0].equals("provider"));
    List<String> products =
        KernelState.serves("openblas") ? List.of("vector", "scalar", "openblas") : List.of();
    int count = 0;
    List<String> boxing = new ArrayList<>();
    for (String width : widths) {
      // OpenBLAS serves products only.
      for (boolean gemm : new boolean[] {true, false}) {
        var options =
            new OptionsBuilder()
                .include(quick && include.equals(".*") ? "\\.(" + QUICK + ")$" : include)
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT)
                .param("bits", width);
        options.exclude(gemm ? "jmh\\.(?!Gemm)" : "jmh\\.Gemm");
        if (!width.equals(KernelState.MACHINE)) {
          options.jvmArgs("-Dbirkhoff.vector.bits=" + width);
        }
        if (quick) {
          quick(options);
        }
        if (gemm && !named && !products.isEmpty()) {
          options.param("provider", products.toArray(String[]::new));
        }
        for (String[] pair : parameters) {
          options.param(pair[0], pair[1].split(",", -1));
        }
        if (!json.isEmpty()) {
          String suffix = (gemm ? "-gemm" : "") + (widths.size() == 1 ? "" : "-" + width);
          options.result(file(json, suffix)).resultFormat(ResultFormatType.JSON);
        }
        Collection<RunResult> run = run(options);
        print(run, count == 0 && !run.isEmpty());
        run.stream().filter(Benchmarks::boxes).map(Benchmarks::name).forEach(boxing::add);
        count += run.size();
      }
    }
    if (count == 0) {
      throw new IllegalArgumentException("no benchmark is called " + include);
    }
    System.out.println(
        "vector kernels that allocate: "
            + (boxing.isEmpty()
                ? "none"
                : String.join(", ", boxing) + " (or not compiled in time)"));
  }

  private static Collection<RunResult> run(ChainedOptionsBuilder options) throws RunnerException {
    try {
      return new Runner(options.build()).run();
    } catch (NoBenchmarksException e) {
      return List.of();
    }
  }

  /** One fork and the small sizes. */
  private static void quick(ChainedOptionsBuilder options) {
    options
        .forks(1)
        .warmupIterations(4)
        .warmupTime(TimeValue.milliseconds(750))
        .measurementIterations(3)
        .measurementTime(TimeValue.milliseconds(300))
        .timeUnit(TimeUnit.MICROSECONDS)
        .param("elements", "131072")
        .param("cols", "384")
        .param("width", "384")
        .param("vocabulary", "50304")
        .param("function", "GELU_TANH")
        .param("product", "NN 256 256 256", "NT 768 128 128")
        .param("shape", "12 64 4 32");
  }

  private static String file(String name, String suffix) throws IOException {
    int dot = name.endsWith(".json") ? name.length() - ".json".length() : name.length();
    Path file = Path.of(name.substring(0, dot) + suffix + ".json");
    if (file.toAbsolutePath().getParent() != null) {
      Files.createDirectories(file.toAbsolutePath().getParent());
    }
    return file.toString();
  }

  /** A loop that boxes allocates far more than JMH itself or the plan of a matrix product. */
  private static boolean boxes(RunResult result) {
    Result<?> bytes = result.getSecondaryResults().get(ALLOCATED);
    return bytes != null
        && bytes.getScore() > HARMLESS_BYTES
        && result.getParams().getParam("provider").equals("vector");
  }

  /** {@code GemmBenchmark.gemm}. */
  private static String name(RunResult result) {
    String[] name = result.getParams().getBenchmark().split("\\.", -1);
    return String.join(".", Arrays.copyOfRange(name, name.length - 2, name.length));
  }

  private static void print(Collection<RunResult> results, boolean head) {
    if (head) {
      System.out.printf(
          "%-38s %-9s %-8s %-28s %13s %9s %9s%n",
          "benchmark", "provider", "bits", "shape", "us/call", "+-", "B/call");
    }
    for (RunResult result : results) {
      BenchmarkParams params = result.getParams();
      List<String> shape = new ArrayList<>();
      for (String key : params.getParamsKeys()) {
        if (!key.equals("provider") && !key.equals("bits")) {
          shape.add(params.getParam(key));
        }
      }
      Result<?> time = result.getPrimaryResult();
      Result<?> bytes = result.getSecondaryResults().get(ALLOCATED);
      System.out.printf(
          Locale.ROOT,
          "%-38s %-9s %-8s %-28s %,13.2f %9.2f %9s%n",
          name(result),
          params.getParam("provider"),
          params.getParam("bits"),
          String.join(" ", shape),
          time.getScore(),
          time.getScoreError(),
          bytes == null ? "" : String.format(Locale.ROOT, "%.1f", bytes.getScore()));
    }
  }
}
