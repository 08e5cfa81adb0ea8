package birkhoff.tests.golden;

/**
 * The go-mHC mixer of one token (arXiv 2604.02309, equations 7 to 10): P numbers z, the strict
 * upper triangle row by row, make a skew-symmetric A of side n = d·s; Q = (I-A)(I+A)⁻¹; H[i,j] is
 * the mean over a block row of the squared entries of block (i,j). Taken literally: the inverse by
 * elimination with pivoting, then the product.
 */
public final class GoldenMixer {
  private GoldenMixer() {}

  /** H [d, d] from z [n(n-1)/2]. */
  public static double[] forward(double[] z, int d, int s) {
    int n = d * s;
    double[] q = orthogonal(z, n);
    var h = new double[d * d];
    for (int row = 0; row < n; row++) {
      for (int col = 0; col < n; col++) {
        h[(row / s) * d + col / s] += q[row * n + col] * q[row * n + col] / s;
      }
    }
    return h;
  }

  /**
   * dL/dz from g = dL/dH. From Q(I+A) = I-A follows dQ = -(I+Q) dA (I+A)⁻¹, hence dL/dA = -(I+Q)ᵀ
   * Gq (I+A)⁻ᵀ, and z[p,q] stands at (p,q) and, negated, at (q,p).
   */
  public static double[] backward(double[] g, double[] z, int d, int s) {
    int n = d * s;
    double[] q = orthogonal(z, n);
    var gq = new double[n * n];
    var onePlusQ = new double[n * n];
    for (int row = 0; row < n; row++) {
      for (int col = 0; col < n; col++) {
        gq[row * n + col] = 2.0 / s * g[(row / s) * d + col / s] * q[row * n + col];
        onePlusQ[row * n + col] = q[row * n + col] + (row == col ? 1 : 0);
      }
    }
    double[] inverse = inverse(identityPlus(skew(z, n), 1, n), n);
    double[] dA = multiply(multiply(transpose(onePlusQ, n), gq, n), transpose(inverse, n), n);
    var dz = new double[z.length];
    int k = 0;
    for (int row = 0; row < n; row++) {
      for (int col = row + 1; col < n; col++) {
        dz[k++] = -dA[row * n + col] + dA[col * n + row];
      }
    }
    return dz;
  }

  /** Q = (I-A)(I+A)⁻¹, [n, n]. */
  public static double[] orthogonal(double[] z, int n) {
    double[] a = skew(z, n);
    return multiply(identityPlus(a, -1, n), inverse(identityPlus(a, 1, n), n), n);
  }

  private static double[] skew(double[] z, int n) {
    if (z.length != n * (n - 1) / 2) {
      throw new IllegalArgumentException(
          "side " + n + " needs " + n * (n - 1) / 2 + " numbers, got " + z.length);
    }
    var a = new double[n * n];
    int k = 0;
    for (int row = 0; row < n; row++) {
      for (int col = row + 1; col < n; col++) {
        a[row * n + col] = z[k];
        a[col * n + row] = -z[k];
        k++;
      }
    }
    return a;
  }

  private static double[] identityPlus(double[] a, double sign, int n) {
    var sum = new double[n * n];
    for (int row = 0; row < n; row++) {
      for (int col = 0; col < n; col++) {
        sum[row * n + col] = sign * a[row * n + col] + (row == col ? 1 : 0);
      }
    }
    return sum;
  }

  private static double[] transpose(double[] a, int n) {
    var t = new double[n * n];
    for (int row = 0; row < n; row++) {
      for (int col = 0; col < n; col++) {
        t[col * n + row] = a[row * n + col];
      }
    }
    return t;
  }

  private static double[] multiply(double[] a, double[] b, int n) {
    var product = new double[n * n];
    for (int row = 0; row < n; row++) {
      for (int col = 0; col < n; col++) {
        for (int k = 0; k < n; k++) {
          product[row * n + col] += a[row * n + k] * b[k * n + col];
        }
      }
    }
    return product;
  }

  /** Gauss-Jordan elimination with row pivoting on the matrix beside the identity. */
  private static double[] inverse(double[] matrix, int n) {
    var work = new double[n][2 * n];
    for (int row = 0; row < n; row++) {
      System.arraycopy(matrix, row * n, work[row], 0, n);
      work[row][n + row] = 1;
    }
    for (int col = 0; col < n; col++) {
      int best = col;
      for (int row = col + 1; row < n; row++) {
        if (Math.abs(work[row][col]) > Math.abs(work[best][col])) {
          best = row;
        }
      }
      double[] pivotRow = work[best];
      work[best] = work[col];
      work[col] = pivotRow;
      double pivot = pivotRow[col];
      for (int k = 0; k < 2 * n; k++) {
        pivotRow[k] /= pivot;
      }
      for (int row = 0; row < n; row++) {
        double factor = work[row][col];
        if (row != col && factor != 0) {
          for (int k = 0; k < 2 * n; k++) {
            work[row][k] -= factor * pivotRow[k];
          }
        }
      }
    }
    var inverse = new double[n * n];
    for (int row = 0; row < n; row++) {
      System.arraycopy(work[row], n, inverse, row * n, n);
    }
    return inverse;
  }
}
