package birkhoff.transformer.experiment.spectra;

/**
 * Generalized orthostochastic matrices, equations (7), (8) and (10) of arXiv 2604.02309: {@code
 * H_ij = ‖Q_ij‖²_F / s} for the s×s blocks of an orthogonal ds×ds matrix Q. z is the row-major
 * strict upper triangle of the skew-symmetric matrix that Q is made of.
 */
public final class Orthostochastic implements MatrixMap {
  private final int d;
  private final int s;
  private final int n;
  private final SkewMap map;
  private final double[] a;
  private final double[] q;
  private final double[] gq;
  private final double[] ga;

  /**
   * @param map for size {@code d·s}
   */
  public Orthostochastic(int d, int s, SkewMap map) {
    this.d = d;
    this.s = s;
    this.n = d * s;
    this.map = map;
    a = new double[n * n];
    q = new double[n * n];
    gq = new double[n * n];
    ga = new double[n * n];
  }

  @Override
  public int parameters() {
    return n * (n - 1) / 2;
  }

  @Override
  public void forward(double[] z, double[] h) {
    int at = 0;
    for (int p = 0; p < n; p++) {
      for (int r = p + 1; r < n; r++) {
        a[p * n + r] = z[at];
        a[r * n + p] = -z[at++];
      }
    }
    map.forward(a, q);
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        double energy = 0;
        for (int k = 0; k < s; k++) {
          for (int l = 0; l < s; l++) {
            double x = q[(i * s + k) * n + j * s + l];
            energy += x * x;
          }
        }
        h[i * d + j] = energy / s;
      }
    }
  }

  @Override
  public void backward(double[] gh, double[] gz) {
    for (int p = 0; p < n; p++) {
      for (int r = 0; r < n; r++) {
        gq[p * n + r] = 2.0 / s * gh[p / s * d + r / s] * q[p * n + r];
      }
    }
    map.backward(gq, ga);
    int at = 0;
    for (int p = 0; p < n; p++) {
      for (int r = p + 1; r < n; r++) {
        gz[at++] = ga[p * n + r] - ga[r * n + p];
      }
    }
  }
}
