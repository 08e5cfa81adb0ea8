package birkhoff.tests.support;

import java.util.Locale;

/**
 * How large a campaign is: {@code -Dbirkhoff.factor=N} makes every one N times as large as in CI,
 * and every one says what it ran.
 */
public final class Campaign {
  private static final int FACTOR = Integer.getInteger("birkhoff.factor", 1);

  private Campaign() {}

  /** The number of cases for one of {@code ci} in CI. */
  public static int cases(int ci) {
    return Math.multiplyExact(ci, FACTOR);
  }

  /** Says what was run. */
  public static void ran(String name, String pattern, Object... values) {
    System.out.printf(
        Locale.ROOT,
        "campaign %s: %s (seed %d, factor %d)%n",
        name,
        String.format(Locale.ROOT, pattern, values),
        Seeds.base(),
        FACTOR);
  }
}
