package birkhoff.tests.golden;

/** One matrix under Muon, in plain double loops, rows first. */
final class GoldenMuon {
  private final int rows;
  private final int columns;
  private final double momentum;
  private final double[] buffer;

  GoldenMuon(int rows, int columns, double momentum) {
    this.rows = rows;
    this.columns = columns;
    this.momentum = momentum;
    this.buffer = new double[rows * columns];
  }

  double[] buffer() {
    return buffer.clone();
  }

  /** Changes {@code p} by the gradient {@code g}. */
  void step(double[] p, double[] g, double lr, double decay) {
    double[] direction = new double[g.length];
    double squares = 0;
    for (int i = 0; i < g.length; i++) {
      buffer[i] = momentum * buffer[i] + (1 - momentum) * g[i];
      direction[i] = momentum * buffer[i] + (1 - momentum) * g[i];
      squares += direction[i] * direction[i];
    }
    for (int i = 0; i < g.length; i++) {
      direction[i] /= Math.sqrt(squares) + 1e-7;
    }
    double[] x = orthogonal(direction, rows, columns);
    for (int i = 0; i < g.length; i++) {
      p[i] = (1 - lr * decay) * p[i] - lr * 0.2 * Math.sqrt(Math.max(rows, columns)) * x[i];
    }
  }

  /** As published: of the matrix with fewer rows than columns, transposed if need be. */
  static double[] orthogonal(double[] given, int rows, int columns) {
    boolean turn = rows > columns;
    int m = turn ? columns : rows;
    int n = turn ? rows : columns;
    double[] x = turn ? transposed(given, rows, columns) : given.clone();
    for (int step = 0; step < 5; step++) {
      double[] a = product(x, transposed(x, m, n), m, n, m);
      double[] aa = product(a, a, m, m, m);
      double[] b = new double[m * m];
      for (int i = 0; i < b.length; i++) {
        b[i] = -4.7750 * a[i] + 2.0315 * aa[i];
      }
      double[] bx = product(b, x, m, m, n);
      for (int i = 0; i < x.length; i++) {
        x[i] = 3.4445 * x[i] + bx[i];
      }
    }
    return turn ? transposed(x, m, n) : x;
  }

  private static double[] transposed(double[] x, int rows, int columns) {
    double[] t = new double[x.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        t[c * rows + r] = x[r * columns + c];
      }
    }
    return t;
  }

  private static double[] product(double[] a, double[] b, int m, int k, int n) {
    double[] c = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        for (int l = 0; l < k; l++) {
          c[i * n + j] += a[i * k + l] * b[l * n + j];
        }
      }
    }
    return c;
  }
}
