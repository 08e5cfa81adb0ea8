package birkhoff.engine.profile;

import birkhoff.engine.parallel.ThreadTeam;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;

/**
 * What the machine can do at best with so many threads, by probes that use the same vectors and
 * threads as the kernels.
 *
 * @param threads that worked together
 * @param vectorBits width of the kernels' vectors
 * @param peaks float32 multiply-adds from registers, each counted as two, by width of the vectors
 * @param reads how fast memory is read, by the size of what is read again and again; the last is
 *     main memory
 * @param triadBytesPerSecond of reading two arrays and writing a third in main memory
 */
public record MachineLimits(
    int threads, int vectorBits, List<Peak> peaks, List<Read> reads, double triadBytesPerSecond) {
  // Halves of small caches of these years; a third-level cache is shared by all threads.
  private static final List<String> LEVELS = List.of("L1", "L2", "L3", "memory");
  private static final long[] SIZES = {16L << 10, 256L << 10, 6L << 20};
  private static final long MEMORY = 512L << 20;
  private static final long LEAST_MEMORY = 32L << 20;
  private static final long MOST_MEMORY = 256L << 20;
  private static final int TURNS = 25;
  private static final long PAUSE_NANOS = 20_000_000;
  private static final int NARROWEST = 64;

  /**
   * Speed of arithmetic.
   *
   * @param bits of the vectors
   */
  public record Peak(int bits, double flopsPerSecond) {}

  /**
   * Speed of reading.
   *
   * @param level that holds what is read on the processors of these years
   * @param bytesPerThread that each thread reads again and again
   * @param bytesPerSecond of all threads together
   */
  public record Read(String level, long bytesPerThread, double bytesPerSecond) {}

  /** Copies the lists. */
  public MachineLimits {
    peaks = List.copyOf(peaks);
    reads = List.copyOf(reads);
  }

  /**
   * Measures for some seconds, each limit as the best of many short rounds spread over that time;
   * needs up to 0.9 GiB of native memory meanwhile, more with very many threads. The machine should
   * have nothing else to do.
   */
  public static MachineLimits measure(ThreadTeam team) {
    int[] widths = widths();
    List<SpeedProbe> probes = new ArrayList<>();
    try {
      for (int bits : widths) {
        probes.add(FmaPeak.probe(team, bits));
      }
      for (int i = 0; i < LEVELS.size(); i++) {
        probes.add(new ReadBandwidth(team, size(i, team.size())));
      }
      probes.add(new Triad(team));
      double[] best = SpeedProbe.best(probes, TURNS, PAUSE_NANOS);
      List<Peak> peaks = new ArrayList<>();
      for (int i = 0; i < widths.length; i++) {
        peaks.add(new Peak(widths[i], best[i]));
      }
      List<Read> reads = new ArrayList<>();
      for (int i = 0; i < LEVELS.size(); i++) {
        reads.add(new Read(LEVELS.get(i), size(i, team.size()), best[widths.length + i]));
      }
      return new MachineLimits(
          team.size(), FmaPeak.vectorBits(), peaks, reads, best[best.length - 1]);
    } finally {
      probes.forEach(SpeedProbe::close);
    }
  }

  /** Bytes for each thread; main memory takes as much from few threads as from many. */
  private static long size(int level, int threads) {
    return level == LEVELS.size() - 1
        ? Math.clamp(MEMORY / threads, LEAST_MEMORY, MOST_MEMORY)
        : SIZES[level];
  }

  /** Widths of the peaks: all that the machine has, and the kernels' own. */
  private static int[] widths() {
    int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    return IntStream.concat(
            IntStream.iterate(NARROWEST, bits -> bits <= widest, bits -> 2 * bits),
            IntStream.of(FmaPeak.vectorBits()))
        .distinct()
        .toArray();
  }

  /** The multiply-add peak with the kernels' vectors. */
  public double flopsPerSecond() {
    return peaks.stream()
        .filter(p -> p.bits() == vectorBits)
        .mapToDouble(Peak::flopsPerSecond)
        .max()
        .orElseThrow(() -> new IllegalStateException("no peak at " + vectorBits + " bits"));
  }

  /** Reading of main memory. */
  public double memoryBytesPerSecond() {
    return reads.getLast().bytesPerSecond();
  }
}
