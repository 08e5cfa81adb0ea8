package birkhoff.tests.golden;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The mixers of the family with their backward passes, each by its definition. */
final class GoldenMaps {
  private GoldenMaps() {}

  /** Generalized orthostochastic (arXiv 2604.02309). */
  record Cayley(int streams, int side) implements GoldenMap {
    @Override
    public int numbers() {
      int n = streams * side;
      return n * (n - 1) / 2;
    }

    @Override
    public double[] forward(double[] z) {
      return GoldenMixer.forward(z, streams, side);
    }

    @Override
    public double[] backward(double[] g, double[] z) {
      return GoldenMixer.backward(g, z, streams, side);
    }
  }

  /** r·tanh(z/r) before a map. */
  record Guarded(GoldenMap map, double radius) implements GoldenMap {
    @Override
    public int streams() {
      return map.streams();
    }

    @Override
    public int numbers() {
      return map.numbers();
    }

    private double[] kept(double[] z) {
      return Arrays.stream(z).map(v -> radius * Math.tanh(v / radius)).toArray();
    }

    @Override
    public double[] forward(double[] z) {
      return map.forward(kept(z));
    }

    @Override
    public double[] backward(double[] g, double[] z) {
      double[] dz = map.backward(g, kept(z));
      for (int k = 0; k < dz.length; k++) {
        double t = Math.tanh(z[k] / radius);
        dz[k] *= 1 - t * t;
      }
      return dz;
    }
  }

  /** A full matrix Θ of side n, whose skew part is what the map is made from. */
  record FullSkew(GoldenMap map, int n) implements GoldenMap {
    @Override
    public int streams() {
      return map.streams();
    }

    @Override
    public int numbers() {
      return n * n;
    }

    @Override
    public double[] forward(double[] theta) {
      return map.forward(GoldenFamily.skewPart(theta, n));
    }

    @Override
    public double[] backward(double[] g, double[] theta) {
      double[] dz = map.backward(g, GoldenFamily.skewPart(theta, n));
      var d = new double[n * n];
      int k = 0;
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          d[p * n + q] += dz[k];
          d[q * n + p] -= dz[k++];
        }
      }
      return d;
    }
  }

  /** A softmax over all permutations (arXiv 2601.05732). */
  record Permutations(int streams) implements GoldenMap {
    @Override
    public int numbers() {
      int n = 1;
      for (int k = 2; k <= streams; k++) {
        n *= k;
      }
      return n;
    }

    @Override
    public double[] forward(double[] z) {
      return GoldenFamily.permutations(z, streams);
    }

    @Override
    public double[] backward(double[] g, double[] z) {
      List<int[]> all = GoldenFamily.permutations(streams);
      double total = Arrays.stream(z).map(Math::exp).sum();
      var along = new double[z.length];
      double mean = 0;
      for (int k = 0; k < z.length; k++) {
        for (int i = 0; i < streams; i++) {
          along[k] += g[i * streams + all.get(k)[i]];
        }
        mean += Math.exp(z[k]) / total * along[k];
      }
      var dz = new double[z.length];
      for (int k = 0; k < z.length; k++) {
        dz[k] = Math.exp(z[k]) / total * (along[k] - mean);
      }
      return dz;
    }
  }

  /** Sinkhorn-Knopp (arXiv 2512.24880). */
  record Sinkhorn(int streams, int iterations) implements GoldenMap {
    @Override
    public int numbers() {
      return streams * streams;
    }

    @Override
    public double[] forward(double[] z) {
      return GoldenFamily.sinkhorn(z, streams, iterations);
    }

    /** Every division is undone: of y = m / s follows dm = (g - Σ g·y) / s along its line. */
    @Override
    public double[] backward(double[] g, double[] z) {
      List<double[]> sums = new ArrayList<>();
      List<double[]> results = new ArrayList<>();
      double[] m = Arrays.stream(z).map(Math::exp).toArray();
      for (int half = 0; half < 2 * iterations; half++) {
        boolean columns = half % 2 == 0;
        var s = new double[streams];
        for (int k = 0; k < m.length; k++) {
          s[line(k, columns)] += m[k];
        }
        m = m.clone();
        for (int k = 0; k < m.length; k++) {
          m[k] /= s[line(k, columns)];
        }
        sums.add(s);
        results.add(m);
      }
      double[] d = g.clone();
      for (int half = 2 * iterations - 1; half >= 0; half--) {
        boolean columns = half % 2 == 0;
        double[] y = results.get(half);
        var dot = new double[streams];
        for (int k = 0; k < d.length; k++) {
          dot[line(k, columns)] += d[k] * y[k];
        }
        for (int k = 0; k < d.length; k++) {
          d[k] = (d[k] - dot[line(k, columns)]) / sums.get(half)[line(k, columns)];
        }
      }
      for (int k = 0; k < d.length; k++) {
        d[k] *= Math.exp(z[k]);
      }
      return d;
    }

    private int line(int entry, boolean columns) {
      return columns ? entry % streams : entry / streams;
    }
  }

  /** No mixing. */
  record Identity(int streams) implements GoldenMap {
    @Override
    public int numbers() {
      return 0;
    }

    @Override
    public double[] forward(double[] z) {
      var h = new double[streams * streams];
      for (int i = 0; i < streams; i++) {
        h[i * streams + i] = 1;
      }
      return h;
    }

    @Override
    public double[] backward(double[] g, double[] z) {
      return new double[0];
    }
  }

  /** The numbers are the matrix. */
  record Unconstrained(int streams) implements GoldenMap {
    @Override
    public int numbers() {
      return streams * streams;
    }

    @Override
    public double[] forward(double[] z) {
      return z.clone();
    }

    @Override
    public double[] backward(double[] g, double[] z) {
      return g.clone();
    }
  }

  /** The Kronecker product of two maps (arXiv 2601.21579); the numbers of the left come first. */
  record Kronecker(GoldenMap left, GoldenMap right) implements GoldenMap {
    @Override
    public int streams() {
      return left.streams() * right.streams();
    }

    @Override
    public int numbers() {
      return left.numbers() + right.numbers();
    }

    private double[] leftNumbers(double[] z) {
      return Arrays.copyOf(z, left.numbers());
    }

    private double[] rightNumbers(double[] z) {
      return Arrays.copyOfRange(z, left.numbers(), z.length);
    }

    @Override
    public double[] forward(double[] z) {
      return GoldenFamily.kronecker(
          left.forward(leftNumbers(z)),
          left.streams(),
          right.forward(rightNumbers(z)),
          right.streams());
    }

    @Override
    public double[] backward(double[] g, double[] z) {
      int a = left.streams();
      int b = right.streams();
      double[] l = left.forward(leftNumbers(z));
      double[] r = right.forward(rightNumbers(z));
      var dl = new double[l.length];
      var dr = new double[r.length];
      for (int row = 0; row < a * b; row++) {
        for (int column = 0; column < a * b; column++) {
          int p = row / b * a + column / b;
          int q = row % b * b + column % b;
          dl[p] += g[row * a * b + column] * r[q];
          dr[q] += g[row * a * b + column] * l[p];
        }
      }
      double[] dLeft = left.backward(dl, leftNumbers(z));
      double[] dRight = right.backward(dr, rightNumbers(z));
      double[] dz = Arrays.copyOf(dLeft, numbers());
      System.arraycopy(dRight, 0, dz, dLeft.length, dRight.length);
      return dz;
    }
  }
}
