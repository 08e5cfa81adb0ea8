package birkhoff.tests.golden;

/** GELU, exact and with the tanh approximation (Hendrycks and Gimpel, 1606.08415), in double. */
public final class GoldenGelu {
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  private GoldenGelu() {}

  /**
   * erf(x) = 2/√π · e^(-x²) · Σ 2ᵏ x^(2k+1) / (1·3·5···(2k+1)): every term has one sign, so nothing
   * cancels. Beyond 6 the value rounds to ±1.
   */
  public static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int k = 1; Math.abs(term) > 1e-18 * Math.abs(sum); k++) {
      term *= 2 * x * x / (2 * k + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  /**
   * 1 - erf(x) without cancellation: from 2 on by the continued fraction e^(-x²)/√π · 1/(x + ½/(x +
   * 1/(x + 1½/(x + ...)))), whose hundredth term no longer matters there.
   */
  public static double erfc(double x) {
    if (x < 2) {
      return 1 - erf(x);
    }
    double tail = x;
    for (int k = 100; k >= 1; k--) {
      tail = x + 0.5 * k / tail;
    }
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
  }

  public static double value(double x, boolean tanhForm) {
    if (tanhForm) {
      return 0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x)));
    }
    return 0.5 * x * erfc(-x / Math.sqrt(2));
  }

  public static double derivative(double x, boolean tanhForm) {
    if (tanhForm) {
      double t = Math.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x));
      double inner = SQRT_2_OVER_PI * (1 + 3 * CUBIC * x * x);
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner;
    }
    double density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    return 0.5 * erfc(-x / Math.sqrt(2)) + x * density;
  }

  public static double[] forward(double[] x, boolean tanhForm) {
    var y = new double[x.length];
    for (int k = 0; k < x.length; k++) {
      y[k] = value(x[k], tanhForm);
    }
    return y;
  }

  public static double[] backward(double[] dy, double[] x, boolean tanhForm) {
    var dx = new double[x.length];
    for (int k = 0; k < x.length; k++) {
      dx[k] = dy[k] * derivative(x[k], tanhForm);
    }
    return dx;
  }
}
