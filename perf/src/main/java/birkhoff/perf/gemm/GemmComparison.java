package birkhoff.perf.gemm;

import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.profile.FmaPeak;
import birkhoff.engine.tensor.DType;
import birkhoff.ffi.openblas.OpenBlasProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Measures the vector product against OpenBLAS on the shapes of GPTs, in turns, and prints a table
 * in GFLOP/s. {@code perf/run gemm} starts it. Arguments, all optional:
 *
 * <ul>
 *   <li>{@code threads=1};
 *   <li>{@code seconds=2} for each shape;
 *   <li>{@code filter=TEXT}: shapes whose name contains it;
 *   <li>{@code calls=whole}: OpenBLAS does each product in one call with its own threads, as its
 *       other users have it; {@code calls=pieces}: one-threaded calls for pieces of the product, by
 *       our threads, as engines have it;
 *   <li>{@code clock=cpu}: one thread by its processor time, which leaves out what other programs
 *       took.
 * </ul>
 */
public final class GemmComparison {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long TURN_NANOS = 30_000_000;
  private static final int LEAST_TURNS = 3;

  private final Gemm openBlas;
  private final Gemm vector = gemm("vector");
  private final ThreadTeam team;
  private final Turns turns;
  private final double seconds;

  private GemmComparison(Gemm openBlas, ThreadTeam team, Turns turns, double seconds) {
    this.openBlas = openBlas;
    this.team = team;
    this.turns = turns;
    this.seconds = seconds;
  }

  static Gemm gemm(String provider) {
    return KernelTable.resolve(provider, KernelOptions.DEFAULT).gemm(DType.FLOAT32);
  }

  /** OpenBLAS in whole calls, after a line that says which. */
  public static OpenBlasProvider openBlas() {
    if (System.getenv("OPENBLAS_CORETYPE") != null) {
      throw new IllegalStateException(
          "OPENBLAS_CORETYPE is set and chooses OpenBLAS's kernels; unset it for a comparison");
    }
    var provider = new OpenBlasProvider();
    System.out.println(provider.probe(KernelOptions.DEFAULT).detail());
    return provider;
  }

  /** See the class comment. */
  public static void main(String[] args) {
    int threads = Integer.parseInt(option(args, "threads", "1"));
    double seconds = Double.parseDouble(option(args, "seconds", "2"));
    boolean cpuTime = option(args, "clock", "wall").equals("cpu");
    boolean pieces = option(args, "calls", "whole").equals("pieces");
    if (cpuTime && threads > 1) {
      throw new IllegalArgumentException("clock=cpu times one thread; use threads=1 or clock=wall");
    }
    OpenBlasProvider provider = openBlas();
    Gemm openBlas =
        pieces ? gemm("openblas") : provider.wholeProducts(DType.FLOAT32, threads).orElseThrow();
    LongSupplier clock = cpuTime ? THREADS::getCurrentThreadCpuTime : System::nanoTime;
    try (var team = new ThreadTeam(threads, new MemoryLedger())) {
      var turns = new Turns(clock, TURN_NANOS, threads > 1);
      var comparison = new GemmComparison(openBlas, team, turns, seconds);
      comparison.warmUp();
      System.out.printf(
          Locale.ROOT,
          "%d thread(s), OpenBLAS in %s; multiply-add peak %.0f GFLOP/s%n",
          threads,
          pieces ? "pieces" : "whole calls",
          FmaPeak.measure(team) / 1e9);
      comparison.run(GemmShapes.names(option(args, "filter", "")));
      System.out.printf(
          Locale.ROOT, "multiply-add peak afterwards %.0f GFLOP/s%n", FmaPeak.measure(team) / 1e9);
    }
  }

  /** The value of {@code name=value} among the arguments. */
  public static String option(String[] args, String name, String otherwise) {
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
        MemorySegment a = Matrices.random(arena, shape.extentA());
        vector.gemm(team, shape, 1, a, a, i / 4 % 2, Matrices.random(arena, shape.extentC()));
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
    double leastMedian = Double.MAX_VALUE;
    double leastBest = Double.MAX_VALUE;
    for (String name : names) {
      double[] ratios = compare(name);
      logMedian += Math.log(ratios[0]);
      logBest += Math.log(ratios[1]);
      leastMedian = Math.min(leastMedian, ratios[0]);
      leastBest = Math.min(leastBest, ratios[1]);
    }
    System.out.printf(
        Locale.ROOT,
        "%-52s %8.3f %8.3f%n%-52s %8.3f %8.3f%n",
        "geometric mean",
        Math.exp(logMedian / names.size()),
        Math.exp(logBest / names.size()),
        "lowest",
        leastMedian,
        leastBest);
  }

  /** The ratio of speeds, as the median of pairs of turns and of the best calls. */
  private double[] compare(String name) {
    GemmShape s = GemmShapes.parse(name);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment a = Matrices.random(arena, s.extentA());
      MemorySegment b = Matrices.random(arena, s.extentB());
      MemorySegment c = Matrices.zeros(arena, s.extentC());
      MemorySegment d = Matrices.zeros(arena, s.extentC());
      Runnable theirs = () -> openBlas.gemm(team, s, 1, a, b, 0, c);
      Runnable ours = () -> vector.gemm(team, s, 1, a, b, 0, d);
      theirs.run();
      ours.run();
      Matrices.requireAgreement(name, s.k(), s.extentC(), c, d);

      List<Double> first = new ArrayList<>();
      List<Double> second = new ArrayList<>();
      List<Double> ratios = new ArrayList<>();
      double leastFirst = Double.MAX_VALUE;
      double leastSecond = Double.MAX_VALUE;
      long end = System.nanoTime() + (long) (seconds * 1e9);
      while (ratios.size() < LEAST_TURNS || System.nanoTime() < end) {
        double[] x = turns.take(theirs);
        double[] y = turns.take(ours);
        first.add(Turns.median(x));
        second.add(Turns.median(y));
        ratios.add(Turns.median(x) / Turns.median(y));
        leastFirst = Math.min(leastFirst, x[0]);
        leastSecond = Math.min(leastSecond, y[0]);
      }
      double median = median(ratios);
      double best = leastFirst / leastSecond;
      System.out.printf(
          Locale.ROOT,
          "%-20s %7.1f %7.1f %7.1f %7.1f %8.2f %8.2f%n",
          name,
          s.flops() / median(first),
          s.flops() / leastFirst,
          s.flops() / median(second),
          s.flops() / leastSecond,
          median,
          best);
      return new double[] {median, best};
    }
  }

  private static double median(List<Double> values) {
    return Turns.median(values.stream().mapToDouble(Double::doubleValue).sorted().toArray());
  }
}
