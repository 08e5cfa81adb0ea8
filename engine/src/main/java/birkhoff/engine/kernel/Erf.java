package birkhoff.engine.kernel;

/**
 * The error function in double, from its Maclaurin series (Abramowitz and Stegun 7.1.5) for small
 * arguments and the continued fraction of erfc (7.1.14) for large ones. Slow; a reference.
 */
final class Erf {
  static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
  private static final double SERIES_LIMIT = 2.5;

  private Erf() {}

  static double erf(double x) {
    double a = Math.abs(x);
    return a < SERIES_LIMIT ? series(x) : Math.copySign(1 - fraction(a), x);
  }

  static double erfc(double x) {
    if (Math.abs(x) < SERIES_LIMIT) {
      return 1 - series(x);
    }
    return x > 0 ? fraction(x) : 2 - fraction(-x);
  }

  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 120; n++) {
      term *= -x * x / n;
      double next = sum + term / (2 * n + 1);
      if (next == sum) {
        break;
      }
      sum = next;
    }
    return TWO_OVER_SQRT_PI * sum;
  }

  private static double fraction(double x) {
    if (Double.isNaN(x) || x > 27.3) {
      return Double.isNaN(x) ? x : 0;
    }
    double f = x;
    for (int n = 120; n >= 1; n--) {
      f = x + n / 2.0 / f;
    }
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / f;
  }
}
