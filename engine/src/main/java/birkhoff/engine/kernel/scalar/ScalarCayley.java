package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.MixerShape;

/**
 * One token's generalized orthostochastic matrix and its closed-form backward, in double. With
 * {@code M = (I+A)^{-1}} the Cayley transform is {@code Q = (I-A)(I+A)^{-1} = 2M - I}.
 */
final class ScalarCayley implements TokenMap {
  private final int d;
  private final int n;
  private final int s;

  // Three n×n matrices: 0 is I+A and then M, 1 is the gradient of Q, 2 a product.
  private final double[][] matrices;

  ScalarCayley(MixerShape.Cayley shape) {
    this.d = shape.d();
    this.n = shape.n();
    this.s = shape.s();
    this.matrices = new double[3][n * n];
  }

  private double get(int matrix, int r, int c) {
    return matrices[matrix][r * n + c];
  }

  private void set(int matrix, int r, int c, double v) {
    matrices[matrix][r * n + c] = v;
  }

  private void load(double[] z) {
    int k = 0;
    for (int p = 0; p < n; p++) {
      for (int q = p + 1; q < n; q++) {
        set(0, p, q, z[k]);
        set(0, q, p, -z[k++]);
      }
    }
    invert();
  }

  @Override
  public void mix(double[] z, double[] h) {
    load(z);
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        h[i * d + j] = energy(i, j);
      }
    }
  }

  @Override
  public void vjp(double[] z, double[] gh, double[] gz) {
    load(z);
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        energyGradient(i, j, gh[i * d + j]);
      }
    }
    backward();
    int k = 0;
    for (int p = 0; p < n; p++) {
      for (int q = p + 1; q < n; q++) {
        gz[k++] = get(1, p, q) - get(1, q, p);
      }
    }
  }

  /**
   * M in place by Gauss-Jordan elimination. The symmetric part of I+A and of each of its Schur
   * complements is at least I, so every pivot is at least 1 and none needs to be searched.
   */
  private void invert() {
    for (int k = 0; k < n; k++) {
      set(0, k, k, 1);
    }
    for (int k = 0; k < n; k++) {
      double pivot = 1 / get(0, k, k);
      set(0, k, k, 1);
      for (int c = 0; c < n; c++) {
        set(0, k, c, get(0, k, c) * pivot);
      }
      for (int r = 0; r < n; r++) {
        if (r != k) {
          double factor = get(0, r, k);
          set(0, r, k, 0);
          for (int c = 0; c < n; c++) {
            set(0, r, c, get(0, r, c) - factor * get(0, k, c));
          }
        }
      }
    }
  }

  private double q(int r, int c) {
    return 2 * get(0, r, c) - (r == c ? 1 : 0);
  }

  /** Mean square of block (i, j) of Q times s: equation (7). */
  private double energy(int i, int j) {
    double sum = 0;
    for (int r = i * s; r < i * s + s; r++) {
      for (int c = j * s; c < j * s + s; c++) {
        sum += q(r, c) * q(r, c);
      }
    }
    return sum / s;
  }

  /** Takes dL/dH[i,j]; dL/dQ = 2/s · dL/dH · Q in each block. */
  private void energyGradient(int i, int j, double gradient) {
    for (int r = i * s; r < i * s + s; r++) {
      for (int c = j * s; c < j * s + s; c++) {
        set(1, r, c, 2.0 / s * gradient * q(r, c));
      }
    }
  }

  /** dL/dA = -2 Mᵀ·(dL/dQ)·Mᵀ, from dM = -M·dA·M and Q = 2M - I. */
  private void backward() {
    for (int r = 0; r < n; r++) {
      for (int c = 0; c < n; c++) {
        double sum = 0;
        for (int k = 0; k < n; k++) {
          sum += get(0, k, r) * get(1, k, c);
        }
        set(2, r, c, sum);
      }
    }
    for (int r = 0; r < n; r++) {
      for (int c = 0; c < n; c++) {
        double sum = 0;
        for (int k = 0; k < n; k++) {
          sum += get(2, r, k) * get(0, c, k);
        }
        set(1, r, c, -2 * sum);
      }
    }
  }
}
