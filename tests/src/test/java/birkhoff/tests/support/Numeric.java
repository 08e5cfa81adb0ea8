package birkhoff.tests.support;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Comparisons of arrays whose failure says what an engineer asks first: which tensor, where it is
 * worst, expected, got, the error and the bound, how many are off, and the seed.
 *
 * <p>NaN equals NaN only; an infinity only itself.
 */
public final class Numeric {
  private static final LongAdder COMPARISONS = new LongAdder();

  private Numeric() {}

  /** Arrays and numbers that this JVM has compared so far. */
  public static long comparisons() {
    return COMPARISONS.sum();
  }

  /**
   * @param shape for the index in the message; may be left out
   */
  public static void assertClose(
      String name, double[] expected, double[] got, Bound bound, int... shape) {
    String problem = problem(name, expected, got, bound, shape);
    if (problem != null) {
      throw new AssertionError(problem + seed());
    }
  }

  public static void assertClose(
      String name, double[] expected, float[] got, Bound bound, int... shape) {
    assertClose(name, expected, RandomArrays.widen(got), bound, shape);
  }

  public static void assertClose(
      String name, float[] expected, float[] got, Bound bound, int... shape) {
    assertClose(name, RandomArrays.widen(expected), RandomArrays.widen(got), bound, shape);
  }

  public static void assertClose(String name, double expected, double got, Bound bound) {
    assertClose(name, new double[] {expected}, new double[] {got}, bound);
  }

  /** All tensors of a map, by name; the names must agree. Reports every tensor that is off. */
  public static void assertAllClose(
      Map<String, double[]> expected, Map<String, double[]> got, Bound bound) {
    List<String> problems = new ArrayList<>();
    for (String name : expected.keySet()) {
      String problem =
          got.containsKey(name)
              ? problem(name, expected.get(name), got.get(name), bound)
              : name + " is missing";
      if (problem != null) {
        problems.add(problem);
      }
    }
    for (String name : got.keySet()) {
      if (!expected.containsKey(name)) {
        problems.add(name + " is not expected");
      }
    }
    if (!problems.isEmpty()) {
      throw new AssertionError(
          problems.size() + " tensors are off:\n" + String.join("\n", problems) + seed());
    }
  }

  /** The same bits everywhere, zeros by sign and NaNs by payload. */
  public static void assertSameBits(String name, float[] expected, float[] got, int... shape) {
    sameLength(name, expected.length, got.length);
    COMPARISONS.increment();
    int first = -1;
    int count = 0;
    for (int k = 0; k < expected.length; k++) {
      if (Float.floatToRawIntBits(expected[k]) != Float.floatToRawIntBits(got[k])) {
        first = count++ == 0 ? k : first;
      }
    }
    if (count > 0) {
      throw new AssertionError(
          String.format(
                  Locale.ROOT,
                  "%s%s: expected %s (0x%08x), got %s (0x%08x); %d of %d have other bits",
                  name,
                  index(first, shape),
                  expected[first],
                  Float.floatToRawIntBits(expected[first]),
                  got[first],
                  Float.floatToRawIntBits(got[first]),
                  count,
                  expected.length)
              + seed());
    }
  }

  /** The largest error in float32 units in the last place; NaN when only one side is NaN. */
  public static double largestUlps(double[] expected, float[] got) {
    sameLength("array", expected.length, got.length);
    double largest = 0;
    for (int k = 0; k < got.length; k++) {
      double error = error(expected[k], got[k]);
      largest = Math.max(largest, error == 0 ? 0 : error / Bound.ulp(expected[k]));
    }
    return largest;
  }

  private static String problem(
      String name, double[] expected, double[] got, Bound bound, int... shape) {
    sameLength(name, expected.length, got.length);
    COMPARISONS.increment();
    double largest = 0;
    for (double value : expected) {
      if (Double.isFinite(value)) {
        largest = Math.max(largest, Math.abs(value));
      }
    }
    int worst = -1;
    double worstExcess = 0;
    int count = 0;
    for (int k = 0; k < expected.length; k++) {
      double error = error(expected[k], got[k]);
      double allowed = bound.at(k, expected[k], largest);
      if (error == 0 || (error <= allowed && error < Double.POSITIVE_INFINITY)) {
        continue;
      }
      count++;
      // A NaN error or bound is the worst there is; so is any error where none is allowed.
      double excess = error / allowed;
      if (Double.isNaN(excess)) {
        excess = Double.POSITIVE_INFINITY;
      }
      if (worst < 0 || excess > worstExcess) {
        worst = k;
        worstExcess = excess;
      }
    }
    if (count == 0) {
      return null;
    }
    return String.format(
        Locale.ROOT,
        "%s%s: expected %s, got %s; error %.3g, bound %.3g; %d of %d are off, this is the worst",
        name,
        index(worst, shape),
        expected[worst],
        got[worst],
        error(expected[worst], got[worst]),
        bound.at(worst, expected[worst], largest),
        count,
        expected.length);
  }

  /** 0 for equal infinities and for two NaNs; NaN or infinite for any other mismatch of those. */
  private static double error(double expected, double got) {
    if (expected == got || (Double.isNaN(expected) && Double.isNaN(got))) {
      return 0;
    }
    return Math.abs(got - expected);
  }

  private static void sameLength(String name, int expected, int got) {
    if (expected != got) {
      throw new AssertionError(name + ": expected " + expected + " numbers, got " + got);
    }
  }

  private static String index(int flat, int[] shape) {
    if (shape.length == 0) {
      return "[" + flat + "]";
    }
    var index = new int[shape.length];
    int rest = flat;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape[axis];
      rest /= shape[axis];
    }
    return Arrays.toString(index) + " of " + Arrays.toString(shape);
  }

  private static String seed() {
    return " (seed " + Seeds.base() + ")";
  }
}
