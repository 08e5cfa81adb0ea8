package birkhoff.engine.rng;

/**
 * Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3" (SC 2011): a bijection of 128-bit counters for every 64-bit key.
 * Pure functions, safe from any thread.
 */
public final class Philox {
  public static final int ROUNDS = 10;

  /** Multiplier of words 0. */
  public static final int M0 = 0xD2511F53;

  /** Multiplier of words 2. */
  public static final int M1 = 0xCD9E8D57;

  /** Added to the key's low word after each round (golden ratio). */
  public static final int W0 = 0x9E3779B9;

  /** Added to the key's high word after each round (√3 - 1). */
  public static final int W1 = 0xBB67AE85;

  private static final long LOW = 0xFFFF_FFFFL;

  private Philox() {}

  /** Writes the four words of counter {@code (counterLo, counterHi)} to {@code out[0..3]}. */
  public static void block(long key, long counterLo, long counterHi, int[] out) {
    int x0 = (int) counterLo;
    int x1 = (int) (counterLo >>> 32);
    int x2 = (int) counterHi;
    int x3 = (int) (counterHi >>> 32);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = (M0 & LOW) * (x0 & LOW);
      long p1 = (M1 & LOW) * (x2 & LOW);
      x0 = (int) (p1 >>> 32) ^ x1 ^ k0;
      x2 = (int) (p0 >>> 32) ^ x3 ^ k1;
      x1 = (int) p1;
      x3 = (int) p0;
      k0 += W0;
      k1 += W1;
    }
    out[0] = x0;
    out[1] = x1;
    out[2] = x2;
    out[3] = x3;
  }

  /**
   * A key for the purpose {@code (a, b)}, such as a step and a layer, of the generator {@code key}.
   */
  public static long derive(long key, long a, long b) {
    int[] words = new int[4];
    block(key, a, b, words);
    return words[0] & LOW | (long) words[1] << 32;
  }
}
