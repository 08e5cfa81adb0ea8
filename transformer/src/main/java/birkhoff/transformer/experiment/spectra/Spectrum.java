package birkhoff.transformer.experiment.spectra;

import java.util.Arrays;

/**
 * Eigenvalues, and their derivatives, of real d×d matrices with columns that sum to 1.
 *
 * <p>1 is always an eigenvalue, and the vectors that sum to 0 are mapped to such vectors. On their
 * basis {@code e_i - e_d} the matrix acts as {@code M_ij = H_ij - H_id}, {@code i, j < d}, which
 * has the other eigenvalues. The method of Faddeev and Le Verrier gives the characteristic
 * polynomial p of M and, by the way, {@code adj(λI-M)}; from {@code p(λ, M) = 0} follows {@code dλ
 * = tr(adj(λI-M)·dM) / p'(λ)} with {@code p'(λ) = tr adj(λI-M)}. Not thread-safe.
 */
public final class Spectrum {
  /** Largest d; beyond, the characteristic polynomial has no roots in closed form here. */
  public static final int MAX_D = 4;

  /** Keeps the derivative finite where eigenvalues meet: added to |p'|². */
  private static final double GUARD = 1e-24;

  private final int d;
  private final int m;
  private final double[] matrix;
  private final double[][] terms;
  private final double[] coefficients;
  private final double[] re;
  private final double[] im;
  private final double[] product;

  /** For matrices of size {@code d}, 2 to 4. */
  public Spectrum(int d) {
    if (d < 2 || d > MAX_D) {
      throw new IllegalArgumentException("d=" + d + " must be between 2 and " + MAX_D);
    }
    this.d = d;
    this.m = d - 1;
    matrix = new double[m * m];
    product = new double[m * m];
    terms = new double[m][m * m];
    coefficients = new double[m];
    re = new double[d];
    im = new double[d];
  }

  /** How many eigenvalues there are. */
  public int size() {
    return d;
  }

  /** Real part of eigenvalue {@code k}; number 0 is the 1. */
  public double re(int k) {
    return re[k];
  }

  /** Imaginary part of eigenvalue {@code k}. */
  public double im(int k) {
    return im[k];
  }

  /** Works out the eigenvalues of {@code h}, row-major. */
  public void of(double[] h) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < m; j++) {
        matrix[i * m + j] = h[i * d + j] - h[i * d + m];
      }
    }
    // terms[k] multiplies λ^(m-1-k) in adj(λI-M).
    Arrays.fill(terms[0], 0);
    SmallMatrix.addDiagonal(m, terms[0], 1);
    for (int k = 1; k <= m; k++) {
      SmallMatrix.multiply(m, matrix, terms[k - 1], product);
      double trace = 0;
      for (int i = 0; i < m; i++) {
        trace += product[i * m + i];
      }
      coefficients[m - k] = -trace / k;
      if (k < m) {
        System.arraycopy(product, 0, terms[k], 0, m * m);
        SmallMatrix.addDiagonal(m, terms[k], coefficients[m - k]);
      }
    }
    re[0] = 1;
    im[0] = 0;
    Roots.of(m, coefficients, re, im, 1);
  }

  /**
   * The gradient of {@code x·Re λ + y·Im λ} with respect to the last matrix.
   *
   * @param k number of the eigenvalue; that of number 0 is 0
   * @param gh receives the gradient
   */
  public void gradient(int k, double x, double y, double[] gh) {
    Arrays.fill(gh, 0);
    if (k == 0) {
      return;
    }
    double slopeRe = 0;
    double slopeIm = 0;
    for (int i = 0; i < m; i++) {
      slopeRe += adjugate(k, i * m + i, false);
      slopeIm += adjugate(k, i * m + i, true);
    }
    double square = slopeRe * slopeRe + slopeIm * slopeIm + GUARD;
    // Re((x - iy)·adj/p'), and 1/p' is conj(p')/|p'|².
    double factorRe = (x * slopeRe - y * slopeIm) / square;
    double factorIm = -(x * slopeIm + y * slopeRe) / square;
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < m; j++) {
        int at = j * m + i;
        double g = factorRe * adjugate(k, at, false) - factorIm * adjugate(k, at, true);
        gh[i * d + j] = g;
        gh[i * d + m] -= g;
      }
    }
  }

  /** An entry of {@code adj(λI-M)}, its real or imaginary part, by Horner's rule. */
  private double adjugate(int k, int at, boolean imaginary) {
    double sumRe = 0;
    double sumIm = 0;
    for (int t = 0; t < m; t++) {
      double next = sumRe * re[k] - sumIm * im[k] + terms[t][at];
      sumIm = sumRe * im[k] + sumIm * re[k];
      sumRe = next;
    }
    return imaginary ? sumIm : sumRe;
  }
}
