package birkhoff.engine.kernel;

/** GELU and its derivative in double, with their limits at ±∞. */
final class Gelu {
  /** Beyond it both are at their limits; clamping keeps ∞·0 away. */
  private static final double FAR = 40;

  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double INV_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  private Gelu() {}

  static double erf(double x) {
    double a = Math.max(x, -FAR);
    return 0.5 * a * Erf.erfc(-a * SQRT_HALF);
  }

  static double erfDerivative(double x) {
    double a = Math.clamp(x, -FAR, FAR);
    return 0.5 * Erf.erfc(-a * SQRT_HALF) + a * INV_SQRT_2PI * Math.exp(-0.5 * a * a);
  }

  static double tanh(double x) {
    double a = Math.max(x, -FAR);
    return 0.5 * a * (1 + Math.tanh(SQRT_2_OVER_PI * (a + CUBIC * a * a * a)));
  }

  static double tanhDerivative(double x) {
    double a = Math.clamp(x, -FAR, FAR);
    double t = Math.tanh(SQRT_2_OVER_PI * (a + CUBIC * a * a * a));
    return 0.5 * (1 + t) + 0.5 * a * (1 - t * t) * SQRT_2_OVER_PI * (1 + 3 * CUBIC * a * a);
  }
}
