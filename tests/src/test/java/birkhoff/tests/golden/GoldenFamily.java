package birkhoff.tests.golden;

import java.util.ArrayList;
import java.util.List;

/** The other mixers of the family, one token at a time, by their definitions. */
public final class GoldenFamily {
  private GoldenFamily() {}

  /** Σ_k softmax(z)_k P_k over the permutations in lexicographic order. */
  public static double[] permutations(double[] z, int d) {
    List<int[]> all = permutations(d);
    if (all.size() != z.length) {
      throw new IllegalArgumentException(d + "! numbers are needed, not " + z.length);
    }
    double total = 0;
    for (double v : z) {
      total += Math.exp(v);
    }
    var h = new double[d * d];
    for (int k = 0; k < z.length; k++) {
      for (int i = 0; i < d; i++) {
        h[i * d + all.get(k)[i]] += Math.exp(z[k]) / total;
      }
    }
    return h;
  }

  /** All permutations of d in lexicographic order. */
  static List<int[]> permutations(int d) {
    List<int[]> all = new ArrayList<>();
    orders(new ArrayList<>(), d, all);
    return all;
  }

  private static void orders(List<Integer> begun, int d, List<int[]> all) {
    if (begun.size() == d) {
      all.add(begun.stream().mapToInt(Integer::intValue).toArray());
      return;
    }
    for (int next = 0; next < d; next++) {
      if (!begun.contains(next)) {
        var longer = new ArrayList<>(begun);
        longer.add(next);
        orders(longer, d, all);
      }
    }
  }

  /** exp(Z), then columns and rows divided by their sums in turn. */
  public static double[] sinkhorn(double[] z, int d, int iterations) {
    var m = new double[d][d];
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        m[i][j] = Math.exp(z[i * d + j]);
      }
    }
    for (int t = 0; t < iterations; t++) {
      for (int j = 0; j < d; j++) {
        double sum = 0;
        for (int i = 0; i < d; i++) {
          sum += m[i][j];
        }
        for (int i = 0; i < d; i++) {
          m[i][j] /= sum;
        }
      }
      for (int i = 0; i < d; i++) {
        double sum = 0;
        for (int j = 0; j < d; j++) {
          sum += m[i][j];
        }
        for (int j = 0; j < d; j++) {
          m[i][j] /= sum;
        }
      }
    }
    var h = new double[d * d];
    for (int i = 0; i < d; i++) {
      System.arraycopy(m[i], 0, h, i * d, d);
    }
    return h;
  }

  /** The Kronecker product of a×a and b×b. */
  public static double[] kronecker(double[] left, int a, double[] right, int b) {
    var h = new double[a * b * a * b];
    for (int row = 0; row < a * b; row++) {
      for (int column = 0; column < a * b; column++) {
        h[row * a * b + column] = left[row / b * a + column / b] * right[row % b * b + column % b];
      }
    }
    return h;
  }

  /** The strict upper triangle of Θ - Θᵀ, row by row. */
  public static double[] skewPart(double[] theta, int n) {
    var z = new double[n * (n - 1) / 2];
    int k = 0;
    for (int p = 0; p < n; p++) {
      for (int q = p + 1; q < n; q++) {
        z[k++] = theta[p * n + q] - theta[q * n + p];
      }
    }
    return z;
  }
}
