package birkhoff.perf.gemm.ladder;

import static birkhoff.perf.gemm.GemmComparison.option;

import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.profile.FmaPeak;
import birkhoff.engine.tensor.DType;
import birkhoff.ffi.openblas.OpenBlasProvider;
import birkhoff.perf.gemm.GemmComparison;
import birkhoff.perf.gemm.Matrices;
import birkhoff.perf.gemm.Turns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Runs the versions of a matrix product in turns and prints GFLOP/s and the share of the
 * multiply-add peak. Each is checked against the engine's scalar product before it is timed. {@code
 * perf/run ladder} starts it. Arguments, all optional: {@code n=1024} rows, a multiple of {@value
 * Rung#MULTIPLE}; {@code rounds=7}; {@code threads=} for the versions with threads, all processors
 * unless given.
 */
public final class GemmLadder {
  private static final long TURN_NANOS = 60_000_000;
  private static final int WARM_UP = 128;
  private static final int WARM_UP_CALLS = 400;

  private record Step(String name, int threads, Rung rung) {}

  private final int n;
  private final ThreadTeam one;
  private final ThreadTeam all;
  private final List<Step> steps = new ArrayList<>();

  private GemmLadder(int n, ThreadTeam one, ThreadTeam all, Arena arena, OpenBlasProvider blas) {
    this.n = n;
    this.one = one;
    this.all = all;
    int threads = all.size();
    add("three loops, i j k", 1, new ThreeLoops());
    add("loops reordered, i k j", 1, new Reordered());
    add("blocks for the caches", 1, new Blocked());
    add("Vector API, one sum", 1, new Vectorised());
    add("8 sums in registers", 1, new RegisterBlocked());
    add("packed operands", 1, new Packed(arena, n));
    add("packed, threads", threads, new Threaded(all, arena, n));
    Gemm vector = KernelTable.resolve("vector", KernelOptions.DEFAULT).gemm(DType.FLOAT32);
    add("the engine's", 1, whole(vector, one));
    add("the engine's", threads, whole(vector, all));
    blas.wholeProducts(DType.FLOAT32, 1).ifPresent(g -> add("OpenBLAS", 1, whole(g, one)));
    blas.wholeProducts(DType.FLOAT32, threads)
        .ifPresent(g -> add("OpenBLAS", threads, whole(g, one)));
  }

  private void add(String name, int threads, Rung rung) {
    steps.add(new Step(name, threads, rung));
  }

  private static Rung whole(Gemm gemm, ThreadTeam team) {
    return (n, a, b, c) -> gemm.gemm(team, GemmShape.of(false, false, n, n, n), 1, a, b, 0, c);
  }

  /** See the class comment. */
  public static void main(String[] args) {
    int n = Integer.parseInt(option(args, "n", "1024"));
    int rounds = Integer.parseInt(option(args, "rounds", "7"));
    int processors = Runtime.getRuntime().availableProcessors();
    int threads = Integer.parseInt(option(args, "threads", Integer.toString(processors)));
    if (n < Rung.MULTIPLE || n % Rung.MULTIPLE != 0 || rounds < 1) {
      throw new IllegalArgumentException(
          "n="
              + n
              + ", rounds="
              + rounds
              + ": n must be a multiple of "
              + Rung.MULTIPLE
              + ", for the versions leave ragged edges out, and rounds at least 1");
    }
    OpenBlasProvider blas = GemmComparison.openBlas();
    try (var one = new ThreadTeam(1, new MemoryLedger());
        var all = new ThreadTeam(threads, new MemoryLedger());
        Arena arena = Arena.ofShared()) {
      new GemmLadder(n, one, all, arena, blas).run(rounds, arena);
    }
  }

  private void run(int rounds, Arena arena) {
    long count = (long) n * n;
    MemorySegment a = Matrices.random(arena, count);
    MemorySegment b = Matrices.random(arena, count);
    MemorySegment c = Matrices.zeros(arena, count);
    check(arena, a, b, c);
    double peakOne = FmaPeak.measure(one);
    double peakAll = FmaPeak.measure(all);
    double[][] medians = new double[steps.size()][rounds];
    double[] best = new double[steps.size()];
    Arrays.fill(best, Double.MAX_VALUE);
    var turns = new Turns(System::nanoTime, TURN_NANOS, true);
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < steps.size(); i++) {
        Rung rung = steps.get(i).rung;
        double[] nanos = turns.take(() -> rung.multiply(n, a, b, c));
        medians[i][round] = Turns.median(nanos);
        best[i] = Math.min(best[i], nanos[0]);
      }
    }
    peakOne = Math.max(peakOne, FmaPeak.measure(one));
    peakAll = Math.max(peakAll, FmaPeak.measure(all));
    print(medians, best, peakOne, peakAll);
  }

  /**
   * Compares every version with the scalar product, after the JIT had its time with small sizes.
   */
  private void check(Arena arena, MemorySegment a, MemorySegment b, MemorySegment c) {
    long count = (long) n * n;
    MemorySegment expected = Matrices.zeros(arena, count);
    Gemm scalar = KernelTable.resolve("scalar", KernelOptions.DEFAULT).gemm(DType.FLOAT32);
    whole(scalar, all).multiply(n, a, b, expected);
    for (Step step : steps) {
      for (int k = 0; k < WARM_UP_CALLS; k++) {
        step.rung.multiply(WARM_UP, a, b, c);
      }
      c.fill((byte) -1);
      step.rung.multiply(n, a, b, c);
      Matrices.requireAgreement(step.name, n, count, expected, c);
    }
  }

  private void print(double[][] medians, double[] best, double peakOne, double peakAll) {
    System.out.printf(
        Locale.ROOT,
        "%d x %d x %d, float32; multiply-add peak %.0f GFLOP/s with one thread, %.0f with %d%n"
            + "%-24s %7s %15s %8s%n%-24s %7s %15s %8s%n",
        n,
        n,
        n,
        peakOne / 1e9,
        peakAll / 1e9,
        all.size(),
        "",
        "",
        "GFLOP/s",
        "of the",
        "version",
        "threads",
        "median    best",
        "peak");
    double flops = 2.0 * n * n * n;
    for (int i = 0; i < best.length; i++) {
      Step step = steps.get(i);
      Arrays.sort(medians[i]);
      double peak = step.threads == 1 ? peakOne : peakAll;
      System.out.printf(
          Locale.ROOT,
          "%-24s %7d %7.1f %7.1f %7.1f%%%n",
          step.name,
          step.threads,
          flops / Turns.median(medians[i]),
          flops / best[i],
          100 * flops / best[i] * 1e9 / peak);
    }
  }
}
