package birkhoff.tests.support;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Where every random test value comes from: one base seed, {@code -Dbirkhoff.seed=N}, by default
 * always the same; {@code -Dbirkhoff.seed=random} draws one, and a failure prints it.
 */
public final class Seeds {
  private static final long BASE = parse(System.getProperty("birkhoff.seed", "1337"));

  private Seeds() {}

  /** The base seed of this JVM. */
  public static long base() {
    return BASE;
  }

  /**
   * A generator for one use. Its numbers depend on the base seed and the key alone, not on what ran
   * before: {@code Seeds.random("layerNorm", rows, cols)}.
   *
   * @param key strings, numbers, booleans, enums or arrays of them
   */
  public static SplittableRandom random(Object... key) {
    // The text, because the hash code of an enum changes with every JVM.
    long seed = BASE;
    for (char c : Arrays.deepToString(key).toCharArray()) {
      seed = new SplittableRandom(seed * 31 + c).nextLong();
    }
    return new SplittableRandom(seed);
  }

  private static long parse(String text) {
    if (text.equals("random")) {
      return System.nanoTime() & 0x7fffffff;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "birkhoff.seed is \"" + text + "\"; use a whole number or \"random\"", e);
    }
  }
}
