package birkhoff.tests.experiment;

import static birkhoff.tests.support.RandomArrays.normals;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import birkhoff.tests.support.Seeds;
import birkhoff.transformer.experiment.spectra.PermutationMix;
import birkhoff.transformer.experiment.spectra.Spectrum;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Eigenvalues of matrices whose columns sum to 1. */
class SpectraEigenvalueTest {
  private static double[][] sorted(Spectrum s) {
    double[][] values = new double[s.size()][];
    for (int k = 0; k < values.length; k++) {
      values[k] = new double[] {s.re(k), s.im(k)};
    }
    return sorted(values);
  }

  private static double[][] sorted(double[]... values) {
    Comparator<double[]> order = Comparator.comparingDouble(v -> Math.round(v[0] * 1e6));
    Arrays.sort(values, order.thenComparingDouble(v -> v[1]));
    return values;
  }

  private static void assertEigenvalues(double[] h, double tolerance, double[]... expected) {
    Spectrum spectrum = new Spectrum(expected.length);
    spectrum.of(h);
    assertThat(spectrum.re(0)).isEqualTo(1);
    double[][] got = sorted(spectrum);
    double[][] wanted = sorted(expected);
    for (int k = 0; k < wanted.length; k++) {
      assertThat(got[k]).as("eigenvalue %d", k).containsExactly(wanted[k], within(tolerance));
    }
  }

  @Test
  void permutationsHaveRootsOfUnity() {
    double half = Math.sqrt(3) / 2;
    assertEigenvalues(
        new double[] {0, 1, 0, 0, 0, 1, 1, 0, 0},
        1e-14,
        new double[] {1, 0},
        new double[] {-0.5, half},
        new double[] {-0.5, -half});
    assertEigenvalues(
        new double[] {0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0},
        1e-14,
        new double[] {1, 0},
        new double[] {-1, 0},
        new double[] {0, 1},
        new double[] {0, -1});
    assertEigenvalues(
        new double[] {0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0},
        1e-14,
        new double[] {1, 0},
        new double[] {1, 0},
        new double[] {-1, 0},
        new double[] {-1, 0});
  }

  @Test
  void equalEigenvaluesAreFound() {
    double third = 1.0 / 3;
    double[] uniform = new double[9];
    Arrays.fill(uniform, third);
    assertEigenvalues(
        uniform, 1e-14, new double[] {1, 0}, new double[] {0, 0}, new double[] {0, 0});
    double[] identity = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    double[] one = {1, 0};
    assertEigenvalues(identity, 1e-14, one, one, one, one);
  }

  @Test
  void chosenEigenvaluesAreFound() {
    SplittableRandom random = Seeds.random("chosen eigenvalues");
    for (int draw = 0; draw < 500; draw++) {
      double real = random.nextDouble(-1, 1);
      double x = random.nextDouble(-1, 1);
      double y = random.nextDouble(0.05, 1);
      double[] core = {real, 0, 0, 0, x, -y, 0, y, x};
      assertEigenvalues(
          embed(3, core, random),
          1e-8,
          new double[] {1, 0},
          new double[] {real, 0},
          new double[] {x, y},
          new double[] {x, -y});
      double other = real + (real > 0 ? -0.3 : 0.3);
      double third = real + (real > 0 ? -0.7 : 0.7);
      assertEigenvalues(
          embed(3, new double[] {real, 0, 0, 0, other, 0, 0, 0, third}, random),
          1e-8,
          new double[] {1, 0},
          new double[] {real, 0},
          new double[] {other, 0},
          new double[] {third, 0});
      assertEigenvalues(
          embed(2, new double[] {x, -y, y, x}, random),
          1e-8,
          new double[] {1, 0},
          new double[] {x, y},
          new double[] {x, -y});
    }
  }

  /**
   * A matrix with columns that sum to 1, with the eigenvalue 1 for the vector of ones and those of
   * {@code core} for vectors that sum to 0, after a random change of basis.
   */
  private static double[] embed(int m, double[] core, SplittableRandom random) {
    double[] like = core;
    for (int round = 0; round < 2 * m; round++) {
      int to = round % m;
      int from = (to + 1 + random.nextInt(m - 1)) % m;
      double factor = random.nextDouble(-1, 1);
      like = like.clone();
      for (int j = 0; j < m; j++) {
        like[to * m + j] += factor * like[from * m + j];
      }
      for (int i = 0; i < m; i++) {
        like[i * m + from] -= factor * like[i * m + to];
      }
    }
    int d = m + 1;
    double[] h = new double[d * d];
    for (int i = 0; i < m; i++) {
      double sum = 0;
      for (int j = 0; j < m; j++) {
        sum += like[i * m + j];
      }
      h[i * d + m] = (1 - sum) / d;
      for (int j = 0; j < m; j++) {
        h[i * d + j] = like[i * m + j] + h[i * d + m];
      }
    }
    for (int j = 0; j < d; j++) {
      h[m * d + j] = 1;
      for (int i = 0; i < m; i++) {
        h[m * d + j] -= h[i * d + j];
      }
    }
    return h;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void gradients(int d) {
    Spectrum spectrum = new Spectrum(d);
    PermutationMix map = new PermutationMix(d);
    double[] h = new double[d * d];
    double[] g = new double[d * d];
    SplittableRandom random = Seeds.random("eigenvalue gradient", d);
    for (int draw = 0; draw < 20; draw++) {
      map.forward(normals(random, map.parameters(), 1.5), h);
      spectrum.of(h);
      for (int k = 0; k < d; k++) {
        double x = random.nextDouble(-1, 1);
        double y = random.nextDouble(-1, 1);
        spectrum.of(h);
        spectrum.gradient(k, x, y, g);
        // Moves that keep the sums of columns: from entry to entry of one column.
        for (int j = 0; j < d; j++) {
          int from = j;
          int to = (1 + (draw + j) % (d - 1)) * d + j;
          double slope = (value(h, k, x, y, from, to, 1e-6) - value(h, k, x, y, from, to, -1e-6));
          double expected = slope / 2e-6;
          assertThat(g[to] - g[from]).isCloseTo(expected, within(1e-4 * (1 + Math.abs(expected))));
        }
      }
    }
  }

  private static double value(
      double[] h, int k, double x, double y, int from, int to, double amount) {
    double[] moved = h.clone();
    moved[to] += amount;
    moved[from] -= amount;
    Spectrum spectrum = new Spectrum((int) Math.sqrt(h.length));
    spectrum.of(moved);
    return x * spectrum.re(k) + y * spectrum.im(k);
  }

  @Test
  void gradientsStayFiniteWhereEigenvaluesMeet() {
    Spectrum spectrum = new Spectrum(4);
    spectrum.of(new double[] {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1});
    double[] g = new double[16];
    for (int k = 0; k < 4; k++) {
      spectrum.gradient(k, 1, 1, g);
      for (double value : g) {
        assertThat(value).isFinite();
      }
    }
  }

  @Test
  void otherSizesAreRefused() {
    assertThatThrownBy(() -> new Spectrum(5)).hasMessage("d=5 must be between 2 and 4");
  }
}
