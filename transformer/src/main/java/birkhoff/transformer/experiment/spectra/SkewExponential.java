package birkhoff.transformer.experiment.spectra;

/**
 * {@code Q = exp(A)} by scaling and squaring: the Taylor polynomial of {@code X = A/2^k}, squared k
 * times. The polynomial is grouped by powers of X³ (Paterson and Stockmeyer 1973), {@code B₀ +
 * X³·(B₁ + X³·B₂)} with {@code B} of I, X, X² and, in the last, X³: four products. The backward
 * pass goes through the same products in reverse, so it is the derivative of what the forward pass
 * computes.
 */
public final class SkewExponential implements SkewMap {
  /** Up to this norm the terms left out are below 3e-14. */
  private static final double SMALL = 0.2;

  private static final int MAX_SQUARINGS = 40;

  /** 1/j! */
  private static final double[] C = {
    1, 1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880
  };

  private final int n;
  private final double[] x;
  private final double[] x2;
  private final double[] x3;
  private final double[] b2;
  private final double[] p1;
  private final double[][] powers = new double[MAX_SQUARINGS + 1][];
  private final double[] transposed;
  private final double[] product;
  private final double[] other;
  private final double[] gPower;
  private final double[] gP1;
  private final double[] gB2;
  private final double[] gX3;
  private final double[] gX2;
  private int squarings;

  /** For matrices of size {@code n}. */
  public SkewExponential(int n) {
    this.n = n;
    int size = n * n;
    x = new double[size];
    x2 = new double[size];
    x3 = new double[size];
    b2 = new double[size];
    p1 = new double[size];
    transposed = new double[size];
    product = new double[size];
    other = new double[size];
    gPower = new double[size];
    gP1 = new double[size];
    gB2 = new double[size];
    gX3 = new double[size];
    gX2 = new double[size];
    for (int k = 0; k <= MAX_SQUARINGS; k++) {
      powers[k] = new double[size];
    }
  }

  @Override
  public void forward(double[] a, double[] q) {
    double norm = SmallMatrix.norm(n, a);
    squarings = 0;
    double factor = 1;
    while (norm * factor > SMALL) {
      factor /= 2;
      if (++squarings > MAX_SQUARINGS) {
        throw new ArithmeticException("exp of a matrix with norm " + norm);
      }
    }
    for (int i = 0; i < n * n; i++) {
      x[i] = factor * a[i];
    }
    SmallMatrix.multiply(n, x, x, x2);
    SmallMatrix.multiply(n, x, x2, x3);
    for (int i = 0; i < n * n; i++) {
      b2[i] = C[7] * x[i] + C[8] * x2[i] + C[9] * x3[i];
    }
    SmallMatrix.addDiagonal(n, b2, C[6]);
    SmallMatrix.multiply(n, x3, b2, p1);
    for (int i = 0; i < n * n; i++) {
      p1[i] += C[4] * x[i] + C[5] * x2[i];
    }
    SmallMatrix.addDiagonal(n, p1, C[3]);
    SmallMatrix.multiply(n, x3, p1, powers[0]);
    for (int i = 0; i < n * n; i++) {
      powers[0][i] += C[1] * x[i] + C[2] * x2[i];
    }
    SmallMatrix.addDiagonal(n, powers[0], C[0]);
    for (int k = 0; k < squarings; k++) {
      SmallMatrix.multiply(n, powers[k], powers[k], powers[k + 1]);
    }
    System.arraycopy(powers[squarings], 0, q, 0, n * n);
  }

  @Override
  public void backward(double[] gq, double[] ga) {
    System.arraycopy(gq, 0, gPower, 0, n * n);
    for (int k = squarings - 1; k >= 0; k--) {
      SmallMatrix.transpose(n, powers[k], transposed);
      square(gPower);
    }
    // p = x³·p1 + …, p1 = x³·b2 + …
    SmallMatrix.transpose(n, p1, transposed);
    SmallMatrix.multiply(n, gPower, transposed, gX3);
    SmallMatrix.transpose(n, x3, transposed);
    SmallMatrix.multiply(n, transposed, gPower, gP1);
    SmallMatrix.multiply(n, transposed, gP1, gB2);
    SmallMatrix.transpose(n, b2, transposed);
    SmallMatrix.multiply(n, gP1, transposed, product);
    for (int i = 0; i < n * n; i++) {
      gX3[i] += product[i] + C[9] * gB2[i];
      gX2[i] = C[2] * gPower[i] + C[5] * gP1[i] + C[8] * gB2[i];
      ga[i] = C[1] * gPower[i] + C[4] * gP1[i] + C[7] * gB2[i];
    }
    // x³ = x·x²
    SmallMatrix.transpose(n, x2, transposed);
    SmallMatrix.multiply(n, gX3, transposed, product);
    SmallMatrix.add(n, ga, product);
    SmallMatrix.transpose(n, x, transposed);
    SmallMatrix.multiply(n, transposed, gX3, product);
    SmallMatrix.add(n, gX2, product);
    square(gX2);
    double factor = Math.scalb(1.0, -squarings);
    for (int i = 0; i < n * n; i++) {
      ga[i] = factor * (ga[i] + gX2[i]);
    }
  }

  /** Turns the gradient of R² into that of R, whose transposed is given. */
  private void square(double[] gradient) {
    SmallMatrix.multiply(n, transposed, gradient, product);
    SmallMatrix.multiply(n, gradient, transposed, other);
    for (int i = 0; i < n * n; i++) {
      gradient[i] = product[i] + other[i];
    }
  }
}
