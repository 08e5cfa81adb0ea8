package birkhoff.transformer.experiment.spectra;

/** Roots of real polynomials of degree 1 to 3 with leading coefficient 1. */
final class Roots {
  /** Discriminants this close to 0, relative to their terms, are rounding: a double root. */
  private static final double ROUNDING = 1e-15;

  private static final int POLISH = 2;

  private Roots() {}

  /**
   * Writes the roots of {@code xᵐ + c[m-1]·xᵐ⁻¹ + … + c[0]} to {@code re} and {@code im} from index
   * {@code at}. Of a conjugate pair the one with the positive imaginary part comes first.
   */
  static void of(int m, double[] c, double[] re, double[] im, int at) {
    switch (m) {
      case 1 -> {
        re[at] = -c[0];
        im[at] = 0;
      }
      case 2 -> quadratic(c[1], c[0], re, im, at);
      case 3 -> {
        double root = separateRoot(c[2], c[1], c[0]);
        re[at] = root;
        im[at] = 0;
        double b = c[2] + root;
        quadratic(b, c[1] + root * b, re, im, at + 1);
      }
      default -> throw new IllegalArgumentException("degree " + m);
    }
  }

  /** Roots of {@code x² + bx + c}. */
  private static void quadratic(double b, double c, double[] re, double[] im, int at) {
    double half = -b / 2;
    double discriminant = half * half - c;
    if (Math.abs(discriminant) <= ROUNDING * Math.max(half * half, Math.abs(c))) {
      discriminant = 0;
    }
    if (discriminant < 0) {
      re[at] = half;
      re[at + 1] = half;
      im[at] = Math.sqrt(-discriminant);
      im[at + 1] = -im[at];
      return;
    }
    // The root of larger magnitude first: the other one by difference would cancel.
    double large = half + Math.copySign(Math.sqrt(discriminant), half);
    re[at] = large;
    re[at + 1] = large == 0 ? 0 : c / large;
    im[at] = 0;
    im[at + 1] = 0;
  }

  /**
   * A real root of {@code x³ + ax² + bx + c}, by the formulas of Cardano and Viète: of three real
   * roots the one that lies apart from the others, which is safe to divide out.
   */
  private static double separateRoot(double a, double b, double c) {
    double p = b - a * a / 3;
    double q = 2 * a * a * a / 27 - a * b / 3 + c;
    double discriminant = q * q / 4 + p * p * p / 27;
    double t;
    if (discriminant >= 0) {
      double u = Math.cbrt(-q / 2 - Math.copySign(Math.sqrt(discriminant), q));
      t = u == 0 ? 0 : u - p / (3 * u);
    } else {
      double radius = 2 * Math.sqrt(-p / 3);
      double cosine = Math.min(1, Math.abs(3 * q / (p * radius)));
      t = -Math.copySign(radius * Math.cos(Math.acos(cosine) / 3), q);
    }
    double x = t - a / 3;
    for (int k = 0; k < POLISH; k++) {
      double slope = (3 * x + 2 * a) * x + b;
      double value = ((x + a) * x + b) * x + c;
      if (Math.abs(slope) > Math.abs(value)) {
        x -= value / slope;
      }
    }
    return x;
  }
}
