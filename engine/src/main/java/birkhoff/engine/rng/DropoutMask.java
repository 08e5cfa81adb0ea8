package birkhoff.engine.rng;

/**
 * Which elements dropout keeps. Elements are taken in groups of 64: group {@code g} uses the
 * counters {@code 16g … 16g+15}, and element {@code 16w + c} of the group is word {@code w} of
 * counter {@code 16g + c}. So 16 (or 8, 4, 2) neighbours are one vector of counters, and every
 * vector width gives the same mask.
 */
public final class DropoutMask {
  /** Elements that share 16 counters. */
  public static final int GROUP = 64;

  /** Counters of a group. */
  public static final int COUNTERS = 16;

  private DropoutMask() {}

  /**
   * The number of 32-bit words, of 2^32, that mean "drop".
   *
   * @param p probability in [0, 1]
   */
  public static long threshold(double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("dropout: probability " + p + " is not in [0, 1]");
    }
    return Math.round(p * 0x1p32);
  }

  /** Whether element {@code i} is kept; {@code words} is scratch for four words. */
  public static boolean kept(long key, long threshold, long i, int[] words) {
    Philox.block(key, i / GROUP * COUNTERS + i % COUNTERS, 0, words);
    int word = words[(int) (i % GROUP) / COUNTERS];
    return Integer.toUnsignedLong(word) >= threshold;
  }
}
