package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.MixerShape;

/**
 * Sinkhorn-Knopp iterations, every step kept for the backward pass. The first division of columns
 * is a softmax, so that no number overflows; the numbers of a column more than {@value #DEPTH}
 * below its largest count as that far below, so that no row sums to 0.
 */
final class ScalarSinkhorn implements TokenMap {
  /** e^-700 is still a normal number. */
  static final double DEPTH = 700;

  private final int d;
  private final int steps;

  // After step k, and the sums that it divided by; columns at even steps, rows at odd ones.
  private final double[][] matrix;
  private final double[][] sums;

  ScalarSinkhorn(MixerShape.Sinkhorn shape) {
    this.d = shape.d();
    this.steps = 2 * shape.iterations();
    this.matrix = new double[steps][d * d];
    this.sums = new double[steps][d];
  }

  /** The line that step k divides entry (i, j) by the sum of. */
  private static int line(int k, int i, int j) {
    return k % 2 == 0 ? j : i;
  }

  private void run(double[] z) {
    double[] before = new double[d * d];
    for (int j = 0; j < d; j++) {
      double most = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < d; i++) {
        most = Math.max(most, z[i * d + j]);
      }
      for (int i = 0; i < d; i++) {
        before[i * d + j] = Math.exp(Math.max(z[i * d + j] - most, -DEPTH));
      }
    }
    for (int k = 0; k < steps; k++) {
      double[] sum = sums[k];
      java.util.Arrays.fill(sum, 0);
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          sum[line(k, i, j)] += before[i * d + j];
        }
      }
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          matrix[k][i * d + j] = before[i * d + j] / sum[line(k, i, j)];
        }
      }
      before = matrix[k];
    }
  }

  @Override
  public void mix(double[] z, double[] h) {
    run(z);
    System.arraycopy(matrix[steps - 1], 0, h, 0, h.length);
  }

  /** Through {@code y = m/σ} comes {@code (g - <g, y>)/σ}; through the exponential, its value. */
  @Override
  public void vjp(double[] z, double[] gh, double[] gz) {
    run(z);
    System.arraycopy(gh, 0, gz, 0, gz.length);
    for (int k = steps - 1; k >= 0; k--) {
      double[] dot = new double[d];
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          dot[line(k, i, j)] += gz[i * d + j] * matrix[k][i * d + j];
        }
      }
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          int at = i * d + j;
          double back = gz[at] - dot[line(k, i, j)];
          gz[at] = k == 0 ? back * matrix[0][at] : back / sums[k][line(k, i, j)];
        }
      }
    }
  }
}
