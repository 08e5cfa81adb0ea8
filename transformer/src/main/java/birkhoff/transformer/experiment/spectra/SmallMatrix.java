package birkhoff.transformer.experiment.spectra;

/** Products of small square matrices, row-major. */
final class SmallMatrix {
  private SmallMatrix() {}

  /** {@code c = a·b}; {@code c} is none of the operands. */
  static void multiply(int n, double[] a, double[] b, double[] c) {
    // Four sums in registers at a time: rows are too short for loops over them to be vectorized.
    int blocks = n - n % 4;
    for (int i = 0; i < n; i++) {
      int row = i * n;
      for (int j = 0; j < blocks; j += 4) {
        double c0 = 0;
        double c1 = 0;
        double c2 = 0;
        double c3 = 0;
        for (int k = 0, at = j; k < n; k++, at += n) {
          double x = a[row + k];
          c0 += x * b[at];
          c1 += x * b[at + 1];
          c2 += x * b[at + 2];
          c3 += x * b[at + 3];
        }
        c[row + j] = c0;
        c[row + j + 1] = c1;
        c[row + j + 2] = c2;
        c[row + j + 3] = c3;
      }
      for (int j = blocks; j < n; j++) {
        double sum = 0;
        for (int k = 0, at = j; k < n; k++, at += n) {
          sum += a[row + k] * b[at];
        }
        c[row + j] = sum;
      }
    }
  }

  /** {@code b = aᵀ}. */
  static void transpose(int n, double[] a, double[] b) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        b[j * n + i] = a[i * n + j];
      }
    }
  }

  /** {@code a += x·I}. */
  static void addDiagonal(int n, double[] a, double x) {
    for (int i = 0; i < n; i++) {
      a[i * n + i] += x;
    }
  }

  /** {@code a *= factor}. */
  static void scale(int n, double[] a, double factor) {
    for (int i = 0; i < n * n; i++) {
      a[i] *= factor;
    }
  }

  /** {@code a += b}. */
  static void add(int n, double[] a, double[] b) {
    for (int i = 0; i < n * n; i++) {
      a[i] += b[i];
    }
  }

  /** The largest sum of magnitudes in a row. */
  static double norm(int n, double[] a) {
    double norm = 0;
    for (int i = 0; i < n; i++) {
      double row = 0;
      for (int j = 0; j < n; j++) {
        row += Math.abs(a[i * n + j]);
      }
      norm = Math.max(norm, row);
    }
    return norm;
  }
}
