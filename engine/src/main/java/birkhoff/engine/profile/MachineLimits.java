package birkhoff.engine.profile;

import birkhoff.engine.parallel.ThreadTeam;
import java.util.ArrayList;
import java.util.List;

/**
 * What the machine can do at best, by probes that use the same vectors and threads as the kernels.
 *
 * @param threads that worked together
 * @param vectorBits width of their vectors
 * @param flopsPerSecond float32 multiply-adds from registers, each counted as two
 * @param reads how fast memory is read, by the size of what is read again and again
 */
public record MachineLimits(int threads, int vectorBits, double flopsPerSecond, List<Read> reads) {
  // First-level cache, second level, third level, main memory on the processors of these years.
  private static final long[] SIZES = {32L << 10, 512L << 10, 8L << 20, 256L << 20};

  /**
   * Speed of reading.
   *
   * @param bytesPerThread that each thread reads again and again
   * @param bytesPerSecond of all threads together
   */
  public record Read(long bytesPerThread, double bytesPerSecond) {}

  /** Copies the list. */
  public MachineLimits {
    reads = List.copyOf(reads);
  }

  /**
   * Measures for some seconds; needs 256 MiB of native memory per thread meanwhile. The machine
   * should have nothing else to do.
   */
  public static MachineLimits measure(ThreadTeam team) {
    List<Read> reads = new ArrayList<>();
    for (long size : SIZES) {
      reads.add(new Read(size, ReadBandwidth.measure(team, size)));
    }
    return new MachineLimits(team.size(), FmaPeak.vectorBits(), FmaPeak.measure(team), reads);
  }

  /** Of main memory. */
  public double memoryBytesPerSecond() {
    return reads.getLast().bytesPerSecond();
  }
}
