package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.Mixing.CayleyShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One token's generalized orthostochastic matrix and its closed-form backward, in double. With
 * {@code M = (I+A)^{-1}} the Cayley transform is {@code Q = (I-A)(I+A)^{-1} = 2M - I}.
 */
final class ScalarCayley {
  private final int n;
  private final int s;
  private final MemorySegment matrices;

  /** Works in {@code scratch} of {@link #scratchBytes}. */
  ScalarCayley(CayleyShape shape, MemorySegment scratch) {
    this.n = shape.n();
    this.s = shape.s();
    this.matrices = scratch;
  }

  static long scratchBytes(CayleyShape shape) {
    return 3L * shape.n() * shape.n() * Double.BYTES;
  }

  // Three n×n matrices: 0 is I+A and then M, 1 is the gradient of Q, 2 a product.
  private double get(int matrix, int r, int c) {
    return matrices.getAtIndex(ValueLayout.JAVA_DOUBLE, ((long) matrix * n + r) * n + c);
  }

  private void set(int matrix, int r, int c, double v) {
    matrices.setAtIndex(ValueLayout.JAVA_DOUBLE, ((long) matrix * n + r) * n + c, v);
  }

  /** Sets A[p,q] = v and A[q,p] = -v. */
  void skew(int p, int q, double v) {
    set(0, p, q, v);
    set(0, q, p, -v);
  }

  /**
   * M in place by Gauss-Jordan elimination. The symmetric part of I+A and of each of its Schur
   * complements is at least I, so every pivot is at least 1 and none needs to be searched.
   */
  void invert() {
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
  double energy(int i, int j) {
    double sum = 0;
    for (int r = i * s; r < i * s + s; r++) {
      for (int c = j * s; c < j * s + s; c++) {
        sum += q(r, c) * q(r, c);
      }
    }
    return sum / s;
  }

  /** Takes dL/dH[i,j]; dL/dQ = 2/s · dL/dH · Q in each block. */
  void energyGradient(int i, int j, double gradient) {
    for (int r = i * s; r < i * s + s; r++) {
      for (int c = j * s; c < j * s + s; c++) {
        set(1, r, c, 2.0 / s * gradient * q(r, c));
      }
    }
  }

  /** dL/dA = -2 Mᵀ·(dL/dQ)·Mᵀ, from dM = -M·dA·M and Q = 2M - I. */
  void backward() {
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

  /** After {@link #backward}: the gradient of the number placed at A[p,q] and, negated, A[q,p]. */
  double skewGradient(int p, int q) {
    return get(1, p, q) - get(1, q, p);
  }
}
