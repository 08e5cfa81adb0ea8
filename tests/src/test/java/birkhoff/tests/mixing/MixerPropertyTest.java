package birkhoff.tests.mixing;

import static birkhoff.tests.support.RandomArrays.normals;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import birkhoff.engine.kernel.MixerShape.Cayley;
import birkhoff.engine.kernel.scalar.ScalarMixers;
import birkhoff.engine.kernel.vector.VectorMixers;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.kernels.MixerProbe;
import birkhoff.tests.support.Seeds;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold of generalized orthostochastic mixers whatever their parameters. */
class MixerPropertyTest {
  private static MixerProbe exact(int d, int s) {
    return new MixerProbe(new ScalarMixers(DType.FLOAT64), DType.FLOAT64, new Cayley(d, s));
  }

  private static MixerProbe fast(int d, int s) {
    return new MixerProbe(new VectorMixers(), DType.FLOAT32, new Cayley(d, s));
  }

  private static double[] draw(int d, int s, double scale, Object key) {
    int count = new Cayley(d, s).parameters();
    return normals(Seeds.random("mixer", d, s, scale, key), count, scale);
  }

  static Stream<int[]> sizes() {
    return Stream.of(
        new int[] {1, 1},
        new int[] {1, 2},
        new int[] {2, 1},
        new int[] {2, 2},
        new int[] {3, 1},
        new int[] {3, 3},
        new int[] {4, 1},
        new int[] {4, 2},
        new int[] {4, 3},
        new int[] {5, 2},
        new int[] {8, 2},
        new int[] {16, 1},
        new int[] {16, 3});
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void rowsAndColumnsSumToOne(int[] n) {
    int d = n[0];
    int s = n[1];
    for (double scale : new double[] {0, .016, .1, 1, 30, 1000}) {
      double[][] z = new double[21][];
      for (int t = 0; t < z.length; t++) {
        z[t] = draw(d, s, scale, t);
      }
      for (MixerProbe p : new MixerProbe[] {exact(d, s), fast(d, s)}) {
        // Entries are at most 1: each adds half a unit of rounding, elimination its own in double.
        double unit = p.dtype() == DType.FLOAT32 ? 0x1p-24 : 0x1p-53;
        double error = d * unit + 1e-15 * d * s * Math.max(1, scale * scale);
        for (double[] h : MixerProbe.columns(p.mixers(z))) {
          for (int i = 0; i < d; i++) {
            double row = 0;
            double column = 0;
            for (int j = 0; j < d; j++) {
              assertThat(h[i * d + j]).isBetween(0.0, 1 + error);
              row += h[i * d + j];
              column += h[j * d + i];
            }
            assertThat(row).as("row at scale %s", scale).isCloseTo(1, within(error));
            assertThat(column).as("column at scale %s", scale).isCloseTo(1, within(error));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void zeroIsTheIdentityAndADeadPoint(int[] n) {
    int d = n[0];
    double[] zero = new double[new Cayley(d, n[1]).parameters()];
    double[] identity = new double[d * d];
    for (int i = 0; i < d; i++) {
      identity[i * d + i] = 1;
    }
    double[] g = normals(Seeds.random("dead", d, n[1]), d * d, 1);
    for (MixerProbe p : new MixerProbe[] {exact(d, n[1]), fast(d, n[1])}) {
      assertThat(p.mixer(zero)).containsExactly(identity);
      if (zero.length > 0) {
        assertThat(p.gradient(zero, g)).containsOnly(0);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2,1", "3,2", "4,2", "5,1", "8,2"})
  void negationTransposes(int d, int s) {
    MixerProbe p = exact(d, s);
    double[] z = draw(d, s, .7, "negate");
    double[] h = p.mixer(z);
    double[] negated = p.mixer(Arrays.stream(z).map(v -> -v).toArray());
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        assertThat(negated[i * d + j]).isCloseTo(h[j * d + i], within(1e-14));
      }
    }
  }

  /** Row and column sums never change, so a gradient of that form moves nothing. */
  @ParameterizedTest
  @CsvSource({"2,1", "3,2", "4,2", "5,1", "8,2"})
  void sumsHaveNoGradient(int d, int s) {
    double[] u = normals(Seeds.random("u", d), d, 1);
    double[] v = normals(Seeds.random("v", d), d, 1);
    double[] g = new double[d * d];
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        g[i * d + j] = u[i] + v[j];
      }
    }
    for (double x : exact(d, s).gradient(draw(d, s, .7, "null"), g)) {
      assertThat(x).isCloseTo(0, within(1e-13));
    }
    for (double x : fast(d, s).gradient(draw(d, s, .7, "null"), g)) {
      assertThat(x).isCloseTo(0, within(1e-5));
    }
  }

  @ParameterizedTest
  @CsvSource({"3,1", "4,2", "5,3"})
  void permutingStreamsPermutesMixers(int d, int s) {
    int n = d * s;
    double[][] a = skew(draw(d, s, .7, "permute"), n);
    int[] to = new int[d];
    for (int i = 0; i < d; i++) {
      to[i] = (2 * i + 1) % d;
    }
    if (d % 2 == 0) {
      to = new int[] {2, 0, 3, 1};
    }
    double[][] b = new double[n][n];
    for (int p = 0; p < n; p++) {
      for (int q = 0; q < n; q++) {
        b[to[p / s] * s + p % s][to[q / s] * s + q % s] = a[p][q];
      }
    }
    double[] h = exact(d, s).mixer(triangle(a));
    double[] permuted = exact(d, s).mixer(triangle(b));
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        assertThat(permuted[to[i] * d + to[j]]).isCloseTo(h[i * d + j], within(1e-13));
      }
    }
  }

  private static double[][] skew(double[] z, int n) {
    double[][] a = new double[n][n];
    int k = 0;
    for (int p = 0; p < n; p++) {
      for (int q = p + 1; q < n; q++) {
        a[p][q] = z[k];
        a[q][p] = -z[k++];
      }
    }
    return a;
  }

  private static double[] triangle(double[][] a) {
    int n = a.length;
    double[] z = new double[n * (n - 1) / 2];
    int k = 0;
    for (int p = 0; p < n; p++) {
      for (int q = p + 1; q < n; q++) {
        z[k++] = a[p][q];
      }
    }
    return z;
  }

  /** s = 2 reaches all (d-1)² dimensions of the polytope, s = 1 only d(d-1)/2. */
  @ParameterizedTest
  @CsvSource({"3,1,3", "4,1,6", "8,1,28", "3,2,4", "4,2,9", "5,2,16", "8,2,49"})
  void rankOfTheJacobian(int d, int s, int rank) {
    double[] z = draw(d, s, .7, "rank");
    double[][] jacobian = new double[d * d][];
    for (int i = 0; i < d * d; i++) {
      double[] unit = new double[d * d];
      unit[i] = 1;
      jacobian[i] = exact(d, s).gradient(z, unit);
    }
    assertThat(rank(jacobian)).isEqualTo(rank);
  }

  /** Gaussian elimination with complete pivoting. */
  private static int rank(double[][] m) {
    int rank = 0;
    while (rank < m.length) {
      int row = rank;
      int column = 0;
      for (int i = rank; i < m.length; i++) {
        for (int j = 0; j < m[i].length; j++) {
          if (Math.abs(m[i][j]) > Math.abs(m[row][column])) {
            row = i;
            column = j;
          }
        }
      }
      double pivot = m[row][column];
      if (Math.abs(pivot) < 1e-9) {
        return rank;
      }
      double[] top = m[row];
      m[row] = m[rank];
      m[rank++] = top;
      for (int i = rank; i < m.length; i++) {
        double factor = m[i][column] / pivot;
        for (int j = 0; j < top.length; j++) {
          m[i][j] -= factor * top[j];
        }
      }
    }
    return rank;
  }

  /** For s = 1 entries are squares of (I-A)(I+A)^{-1}; here d = 3 by the formula of Rodrigues. */
  @Test
  void blockSizeOneSquaresTheEntriesOfTheRotation() {
    double[] z = {.5, -.25, .75};
    // A x = w × x with w below; Q = ((1-w²)I + 2ww' - 2A)/(1+w²).
    double[] w = {-z[2], z[1], -z[0]};
    double[][] a = skew(z, 3);
    double norm = w[0] * w[0] + w[1] * w[1] + w[2] * w[2];
    double[] h = exact(3, 1).mixer(z);
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        double q = ((i == j ? 1 - norm : 0) + 2 * w[i] * w[j] - 2 * a[i][j]) / (1 + norm);
        assertThat(h[i * 3 + j]).isCloseTo(q * q, within(1e-14));
      }
    }
  }

  /** The absolute gain of a product of doubly stochastic matrices is 1 at any depth. */
  @Test
  void gainOfTwelveMixersIsOne() {
    int d = 4;
    double[] product = new double[d * d];
    for (int i = 0; i < d; i++) {
      product[i * d + i] = 1;
    }
    for (int layer = 0; layer < 12; layer++) {
      double[] h = fast(d, 2).mixer(draw(d, 2, .3, layer));
      double[] next = new double[d * d];
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          for (int k = 0; k < d; k++) {
            next[i * d + j] += h[i * d + k] * product[k * d + j];
          }
        }
      }
      product = next;
    }
    for (int i = 0; i < d; i++) {
      double forward = 0;
      double backward = 0;
      for (int j = 0; j < d; j++) {
        forward += Math.abs(product[i * d + j]);
        backward += Math.abs(product[j * d + i]);
      }
      assertThat(forward).isCloseTo(1, within(1e-5));
      assertThat(backward).isCloseTo(1, within(1e-5));
    }
  }
}
