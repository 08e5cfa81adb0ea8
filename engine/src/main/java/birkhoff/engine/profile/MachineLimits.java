package birkhoff.engine.profile;

import birkhoff.engine.parallel.ThreadTeam;
import java.util.ArrayList;
import java.util.List;
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
  private static final long[] SIZES = {16L << 10, 256L << 10, 6L << 20, 256L << 20};
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
   * Measures for some seconds; needs 256 MiB of native memory per thread meanwhile. The machine
   * should have nothing else to do.
   */
  public static MachineLimits measure(ThreadTeam team) {
    List<Peak> before = peaks(team);
    List<Read> reads = new ArrayList<>();
    for (int i = 0; i < SIZES.length; i++) {
      reads.add(new Read(LEVELS.get(i), SIZES[i], ReadBandwidth.measure(team, SIZES[i])));
    }
    double triad = Triad.measure(team);
    // Once more: some milliseconds are easily lost to another program.
    List<Peak> after = peaks(team);
    List<Peak> peaks = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      double best = Math.max(before.get(i).flopsPerSecond(), after.get(i).flopsPerSecond());
      peaks.add(new Peak(before.get(i).bits(), best));
    }
    return new MachineLimits(team.size(), FmaPeak.vectorBits(), peaks, reads, triad);
  }

  private static List<Peak> peaks(ThreadTeam team) {
    List<Peak> peaks = new ArrayList<>();
    int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    for (int bits = NARROWEST; bits <= widest; bits *= 2) {
      peaks.add(new Peak(bits, FmaPeak.measure(team, bits)));
    }
    if (FmaPeak.vectorBits() > widest) {
      peaks.add(new Peak(FmaPeak.vectorBits(), FmaPeak.measure(team)));
    }
    return peaks;
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
