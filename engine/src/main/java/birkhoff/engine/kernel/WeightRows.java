package birkhoff.engine.kernel;

/**
 * How products that read every weight once, at the speed of memory, are cut into pieces of rows:
 * large ones first, for reading ahead has to begin anew in each, then small ones, which even out
 * the threads. Every row is a dot product of its own, so that the cut, which depends on the number
 * of threads, does not change the bits.
 *
 * @param rows of the weights
 * @param large rows of each of the first pieces
 * @param larges how many these are
 * @param small rows of each piece after them, the last one may be shorter
 */
public record WeightRows(long rows, long large, int larges, long small) {
  // The most rows that a kernel takes together.
  private static final int GROUP = 4;

  private static final long LARGE_BYTES = 1L << 20;
  private static final int SMALL_PER_LARGE = 4;
  // What is left for small pieces: a quarter, but not more than this.
  private static final long MOST_SMALL_BYTES = 1L << 22;

  /** The pieces of a matrix of {@code rows} rows of {@code rowBytes} bytes. */
  public static WeightRows of(long rows, long rowBytes, int threads) {
    long bytes = Math.max(1, rowBytes);
    long forLarge = Math.max(rows * bytes / 4 * 3, rows * bytes - MOST_SMALL_BYTES);
    long large = group(Math.min(LARGE_BYTES, forLarge / threads) / bytes);
    int larges = Math.toIntExact(forLarge / bytes / large);
    return new WeightRows(rows, large, larges, group(large / SMALL_PER_LARGE));
  }

  private static long group(long rows) {
    return Math.max(GROUP, rows / GROUP * GROUP);
  }

  /** Number of pieces. */
  public int pieces() {
    long left = rows - larges * large;
    return Math.toIntExact(larges + (left + small - 1) / small);
  }

  /** First row of a piece. */
  public long lo(int piece) {
    return piece <= larges ? piece * large : larges * large + (piece - larges) * small;
  }

  /** The row after the last one of a piece. */
  public long hi(int piece) {
    return Math.min(rows, lo(piece + 1));
  }

  /**
   * How far apart the {@code together} rows lie that are taken at once from {@code [lo, hi)}: each
   * of them belongs to a stream of its own that the hardware reads ahead over many rows.
   */
  public static long apart(long lo, long hi, int together) {
    return (hi - lo + together - 1) / together;
  }
}
