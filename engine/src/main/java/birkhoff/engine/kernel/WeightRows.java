package birkhoff.engine.kernel;

import birkhoff.engine.parallel.Partition;

/**
 * How products that read every weight once, at the speed of memory, are cut: into pieces of rows
 * that are long enough for the hardware to read ahead and enough of them to even out the threads.
 * Depends on the shape only.
 */
public final class WeightRows {
  /** Rows that kernels take together. */
  public static final int GROUP = 4;

  private static final long PIECES = 16;
  private static final long LEAST_BYTES = 1L << 16;
  private static final long MOST_BYTES = 1L << 19;

  private WeightRows() {}

  /**
   * How far apart the rows lie that are taken together from {@code [lo, hi)}: each of them belongs
   * to a stream of its own that the hardware reads ahead over many rows.
   */
  public static long apart(long lo, long hi) {
    return (hi - lo + GROUP - 1) / GROUP;
  }

  /** Blocks of a matrix of {@code rows} rows of {@code rowBytes} bytes. */
  public static Partition partition(long rows, long rowBytes) {
    long bytes = Math.clamp(rows * rowBytes / PIECES, LEAST_BYTES, MOST_BYTES);
    long grain = bytes / Math.max(1, rowBytes) / GROUP * GROUP;
    return new Partition(rows, Math.max(GROUP, grain));
  }
}
