package birkhoff.tests.support;

import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * How large a campaign is: {@code -Dbirkhoff.factor=N} makes every one N times as large as in CI,
 * or smaller with a fraction, and every one says what it ran.
 */
public final class Campaign {
  private static final double FACTOR =
      Double.parseDouble(System.getProperty("birkhoff.factor", "1"));

  private Campaign() {}

  /** The number of cases for one of {@code ci} in CI: at least one. */
  public static int cases(int ci) {
    return Math.toIntExact(Math.max(1, Math.round(ci * FACTOR)));
  }

  /** For {@code -Dbirkhoff.factor=} in a JVM that this one starts. */
  public static double factor() {
    return FACTOR;
  }

  /**
   * The sizes given, which CI takes, and with a factor N another N - 1 times as many of their kind.
   *
   * @param key for {@link Seeds#random}
   */
  public static int[] sizes(String key, int... fixed) {
    SplittableRandom random = Seeds.random("sizes", key);
    IntStream more =
        IntStream.range(0, cases(fixed.length) - fixed.length)
            .map(i -> Math.max(1, fixed[i % fixed.length]))
            .map(n -> random.nextInt((n + 1) / 2, 2 * n + 1));
    return IntStream.concat(IntStream.of(fixed), more).toArray();
  }

  /** Says what was run. */
  public static void ran(String name, String pattern, Object... values) {
    System.out.printf(
        Locale.ROOT,
        "campaign %s: %s (seed %d, factor %.3g)%n",
        name,
        String.format(Locale.ROOT, pattern, values),
        Seeds.base(),
        FACTOR);
  }
}
