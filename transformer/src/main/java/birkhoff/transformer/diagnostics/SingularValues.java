package birkhoff.transformer.diagnostics;

import java.util.Arrays;

/**
 * Singular values of small square matrices by one-sided Jacobi rotations (M. R. Hestenes, 1958):
 * columns are rotated in pairs until all are orthogonal; their lengths are the singular values.
 * That is Jacobi's method for the eigenvalues of HᵀH without forming it, which would halve the
 * digits of small ones.
 */
public final class SingularValues {
  private static final int MOST_SWEEPS = 60;
  private static final double ORTHOGONAL = 1e-15;

  private SingularValues() {}

  /**
   * The singular values in descending order.
   *
   * @param a d·d numbers, row-major; not changed
   */
  public static double[] of(int d, double[] a) {
    double[] columns = new double[d * d];
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        columns[j * d + i] = a[i * d + j];
      }
    }
    boolean rotated = true;
    for (int sweep = 0; rotated && sweep < MOST_SWEEPS; sweep++) {
      rotated = false;
      for (int p = 0; p < d; p++) {
        for (int q = p + 1; q < d; q++) {
          rotated |= rotate(d, columns, p * d, q * d);
        }
      }
    }
    double[] values = new double[d];
    for (int j = 0; j < d; j++) {
      values[j] = Math.sqrt(dot(d, columns, j * d, j * d));
    }
    Arrays.sort(values);
    for (int low = 0, high = d - 1; low < high; low++, high--) {
      double swapped = values[low];
      values[low] = values[high];
      values[high] = swapped;
    }
    return values;
  }

  /** Makes two columns orthogonal; tells whether they were not. */
  private static boolean rotate(int d, double[] columns, int p, int q) {
    double cross = dot(d, columns, p, q);
    double pp = dot(d, columns, p, p);
    double qq = dot(d, columns, q, q);
    if (Math.abs(cross) <= ORTHOGONAL * Math.sqrt(pp * qq)) {
      return false;
    }
    double zeta = (qq - pp) / (2 * cross);
    double tangent = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.hypot(1, zeta));
    double cos = 1 / Math.hypot(1, tangent);
    double sin = cos * tangent;
    for (int i = 0; i < d; i++) {
      double x = columns[p + i];
      double y = columns[q + i];
      columns[p + i] = cos * x - sin * y;
      columns[q + i] = sin * x + cos * y;
    }
    return true;
  }

  private static double dot(int d, double[] columns, int p, int q) {
    double sum = 0;
    for (int i = 0; i < d; i++) {
      sum += columns[p + i] * columns[q + i];
    }
    return sum;
  }
}
