package birkhoff.perf.gemm;

import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.kernel.Probe;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import birkhoff.ffi.openblas.OpenBlasProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Measures the vector product against OpenBLAS on the shapes of GPTs, alternating call by call, and
 * prints a table in GFLOP/s. Arguments, all optional: {@code threads=1}, {@code seconds=2} for each
 * shape, {@code filter=TEXT} for shapes whose name contains it, {@code clock=cpu} to time one
 * thread by its processor time, which leaves out what other programs took.
 *
 * <pre>
 * mvn -q -Pbenchmarks -pl perf -am package -DskipTests
 * java --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
 *     -XX:MaxDirectMemorySize=4g -cp perf/target/benchmarks.jar birkhoff.perf.gemm.GemmComparison
 * </pre>
 */
public final class GemmComparison {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Gemm openBlas;
  private final Gemm vector = gemm("vector");
  private final ThreadTeam team;
  private final double seconds;
  private final boolean cpuTime;

  private GemmComparison(Gemm openBlas, ThreadTeam team, double seconds, boolean cpuTime) {
    this.openBlas = openBlas;
    this.team = team;
    this.seconds = seconds;
    this.cpuTime = cpuTime;
  }

  private static Gemm gemm(String provider) {
    return KernelTable.resolve(provider, KernelOptions.DEFAULT).gemm(DType.FLOAT32);
  }

  // On one thread OpenBLAS does each product in one call, as its other users have it.
  private static Gemm openBlas(int threads) {
    var provider = new OpenBlasProvider();
    Probe probe = provider.probe(KernelOptions.DEFAULT);
    System.out.println(probe.detail() + ", " + threads + " thread(s)");
    return threads > 1 ? gemm("openblas") : provider.wholeProducts(DType.FLOAT32).orElseThrow();
  }

  /** See the class comment. */
  public static void main(String[] args) {
    int threads = Integer.parseInt(option(args, "threads", "1"));
    double seconds = Double.parseDouble(option(args, "seconds", "2"));
    boolean cpuTime = option(args, "clock", "wall").equals("cpu");
    if (cpuTime && threads > 1) {
      throw new IllegalArgumentException("clock=cpu times one thread; use threads=1 or clock=wall");
    }
    if (System.getenv("OPENBLAS_CORETYPE") != null) {
      throw new IllegalStateException(
          "OPENBLAS_CORETYPE is set and chooses OpenBLAS's kernels; unset it for a comparison");
    }
    Gemm openBlas = openBlas(threads);
    try (var team = new ThreadTeam(threads, new MemoryLedger())) {
      var comparison = new GemmComparison(openBlas, team, seconds, cpuTime);
      comparison.warmUp();
      comparison.run(GemmShapes.names(option(args, "filter", "")));
    }
  }

  private static String option(String[] args, String name, String otherwise) {
    for (String arg : args) {
      if (arg.startsWith(name + "=")) {
        return arg.substring(name.length() + 1);
      }
    }
    return otherwise;
  }

  // Lets the JIT finish on every path before the first shape is timed.
  private void warmUp() {
    for (int i = 0; i < 800; i++) {
      var shape = GemmShape.of(i % 2 == 1, i / 2 % 2 == 1, 300 + i % 3, 300, 300);
      try (Arena arena = Arena.ofShared()) {
        MemorySegment a = operand(arena, shape.extentA());
        vector.gemm(team, shape, 1, a, a, i / 4 % 2, operand(arena, shape.extentC()));
      }
    }
  }

  private void run(List<String> names) {
    System.out.printf(
        Locale.ROOT,
        "%-20s %15s %15s %8s %8s%n%-20s %15s %15s %8s %8s%n",
        "GFLOP/s",
        "OpenBLAS",
        "Vector API",
        "ratio",
        "ratio",
        "op(A)op(B) M N K",
        "median   best",
        "median   best",
        "median",
        "best");
    double logMedian = 0;
    double logBest = 0;
    for (String name : names) {
      double[] ratios = compare(name);
      logMedian += Math.log(ratios[0]);
      logBest += Math.log(ratios[1]);
    }
    System.out.printf(
        Locale.ROOT,
        "%-52s %8.3f %8.3f%n",
        "geometric mean",
        Math.exp(logMedian / names.size()),
        Math.exp(logBest / names.size()));
  }

  private double[] compare(String name) {
    GemmShape s = GemmShapes.parse(name);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment a = operand(arena, s.extentA());
      MemorySegment b = operand(arena, s.extentB());
      MemorySegment c = operand(arena, s.extentC());
      MemorySegment d = operand(arena, s.extentC());
      openBlas.gemm(team, s, 1, a, b, 0, c);
      vector.gemm(team, s, 1, a, b, 0, d);
      checkAgreement(s, c, d);

      var first = new ArrayList<Double>();
      var second = new ArrayList<Double>();
      var ratios = new ArrayList<Double>();
      long end = System.nanoTime() + (long) (seconds * 1e9);
      while (ratios.size() < 3 || System.nanoTime() < end) {
        double x = time(openBlas, s, a, b, c);
        double y = time(vector, s, a, b, d);
        first.add(s.flops() / x);
        second.add(s.flops() / y);
        ratios.add(x / y);
      }
      double[] blas = sorted(first);
      double[] ours = sorted(second);
      double[] ratio = sorted(ratios);
      double median = ratio[ratio.length / 2];
      double best = ours[ours.length - 1] / blas[blas.length - 1];
      System.out.printf(
          Locale.ROOT,
          "%-20s %7.1f %7.1f %7.1f %7.1f %8.2f %8.2f%n",
          name,
          blas[blas.length / 2],
          blas[blas.length - 1],
          ours[ours.length / 2],
          ours[ours.length - 1],
          median,
          best);
      return new double[] {median, best};
    }
  }

  private double time(Gemm gemm, GemmShape s, MemorySegment a, MemorySegment b, MemorySegment c) {
    long start = now();
    gemm.gemm(team, s, 1, a, b, 0, c);
    return now() - start;
  }

  private long now() {
    return cpuTime ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
  }

  private static double[] sorted(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted;
  }

  // Operands are in [-1, 1), so twice the classic bound on either result is 2·k·u·k.
  private static void checkAgreement(GemmShape s, MemorySegment c, MemorySegment d) {
    double bound = 2.0 * s.k() * s.k() * 0x1p-24;
    for (long i = 0; i < s.extentC(); i++) {
      float x = c.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      float y = d.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      if (!(Math.abs(x - y) <= bound)) {
        throw new AssertionError(s + ": element " + i + " is " + x + " and " + y);
      }
    }
  }

  private static MemorySegment operand(Arena arena, long count) {
    MemorySegment segment = arena.allocate(Math.max(64, count * Float.BYTES), 64);
    int bits = 12345;
    for (long i = 0; i < count; i++) {
      bits = bits * 1664525 + 1013904223;
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, bits * 0x1p-31f);
    }
    return segment;
  }
}
