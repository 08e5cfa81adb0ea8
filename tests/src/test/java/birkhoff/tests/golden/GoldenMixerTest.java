package birkhoff.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The mixer against known matrices, finite differences and the properties of its family. */
class GoldenMixerTest {

  @Test
  void twoStreamsOneNumber() {
    double[] third = GoldenMixer.forward(new double[] {1.0 / 3}, 2, 1);
    assertArrayEquals(new double[] {.64, .36, .36, .64}, third, 1e-15);
    double[] swap = GoldenMixer.forward(new double[] {1}, 2, 1);
    assertArrayEquals(new double[] {0, 1, 1, 0}, swap, 1e-15);
  }

  @Test
  void threeCycle() {
    double[] z = {-1, 1, -1};
    double[] cycle = {0, 1, 0, 0, 0, 1, 1, 0, 0};
    assertArrayEquals(cycle, GoldenMixer.orthogonal(z, 3), 1e-15);
    assertArrayEquals(cycle, GoldenMixer.forward(z, 3, 1), 1e-15);
  }

  @Test
  void threeStreams() {
    double[] expected = {
      .4444444444, .1111111111, .4444444444,
      .5377777778, .0177777778, .4444444444,
      .0177777778, .8711111111, .1111111111
    };
    assertArrayEquals(expected, GoldenMixer.forward(new double[] {.5, -.25, .75}, 3, 1), 1e-10);
  }

  @Test
  void twoStreamsSideTwoWithGradient() {
    double[] z = {.1, .2, .3, .4, .5, .6};
    double[] expected = {.5943700708, .4056299292, .4056299292, .5943700708};
    assertArrayEquals(expected, GoldenMixer.forward(z, 2, 2), 1e-10);
    double[] gradient = {
      0.0382593113, -0.0972655852, -0.222317356, -0.2809178414, -0.3129378126, 0.1571733869
    };
    assertArrayEquals(gradient, GoldenMixer.backward(new double[] {1, 2, 3, 5}, z, 2, 2), 1e-10);
  }

  @Test
  void fourStreamsSideTwoWithGradient() {
    var z = new double[28];
    for (int k = 0; k < z.length; k++) {
      z[k] = (k % 2 == 0 ? 1 : -1) * 0.05 * (k % 7 + 1);
    }
    double[] expected = {
      .6116762582, .0621217947, .1836351484, .1425667987,
      .1003884942, .6584543609, .1323398558, .1088172891,
      .0862217089, .1487565891, .5021252387, .2628964633,
      .2017135387, .1306672553, .1818997572, .4857194489
    };
    double[] h = GoldenMixer.forward(z, 4, 2);
    assertArrayEquals(expected, h, 1e-10);
    double[] g = {0, .2, .4, .1, .1, .4, .2, .5, .4, .3, .7, .6, .4, .4, .9, .9};
    assertEquals(1.7765831160, dot(g, h), 1e-10);
    double[] gradient = {
      -.00038516, .01236938, -.03315769, -.12260446, .12201777, .03393630, -.08571501,
      .00017827, -.01651102, -.09497086, .10480644, .02662223, -.08586636, -.05214517,
      .05256912, .14701339, .01710838, .09407353, -.23492821, .21141258, -.12061829,
      -.09517422, .02757755, -.05342089, -.00967007, .02092977, .04545318, -.04136225
    };
    assertArrayEquals(gradient, GoldenMixer.backward(g, z, 4, 2), 1e-8);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,3", "2,1", "2,3", "3,1", "4,1", "4,2", "4,3", "8,2", "16,1"})
  void properties(int d, int s) {
    var random = new Random(100L * d + s);
    int p = d * s * (d * s - 1) / 2;
    double[] z = uniform(random, p, 1);
    double[] h = GoldenMixer.forward(z, d, s);
    for (int i = 0; i < d; i++) {
      double row = 0;
      double column = 0;
      for (int j = 0; j < d; j++) {
        assertTrue(h[i * d + j] >= 0);
        row += h[i * d + j];
        column += h[j * d + i];
      }
      assertEquals(1, row, 1e-12);
      assertEquals(1, column, 1e-12);
    }

    double[] transposed = GoldenMixer.forward(negate(z), d, s);
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        assertEquals(h[i * d + j], transposed[j * d + i], 1e-12);
      }
    }

    var u = uniform(random, d, 1);
    var v = uniform(random, d, 1);
    var sumsOnly = new double[d * d];
    for (int k = 0; k < d * d; k++) {
      sumsOnly[k] = u[k / d] + v[k % d];
    }
    assertArrayEquals(new double[p], GoldenMixer.backward(sumsOnly, z, d, s), 1e-12);

    double[] anyG = uniform(random, d * d, 1);
    assertArrayEquals(new double[p], GoldenMixer.backward(anyG, new double[p], d, s), 0);

    double[] gradient = GoldenMixer.backward(anyG, z, d, s);
    for (int k = 0; k < p; k++) {
      double slope = slope(anyG, z, k, d, s);
      assertEquals(slope, gradient[k], 1e-9, "z[" + k + "]");
    }
  }

  private static double slope(double[] g, double[] z, int k, int d, int s) {
    double step = 1e-3;
    double[] f = new double[4];
    double[] at = {-2, -1, 1, 2};
    double[] moved = z.clone();
    for (int q = 0; q < 4; q++) {
      moved[k] = z[k] + at[q] * step;
      f[q] = dot(g, GoldenMixer.forward(moved, d, s));
    }
    return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * step);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }

  private static double[] negate(double[] z) {
    var negative = new double[z.length];
    for (int k = 0; k < z.length; k++) {
      negative[k] = -z[k];
    }
    return negative;
  }

  private static double[] uniform(Random random, int n, double scale) {
    return random.doubles(n, -scale, scale).toArray();
  }
}
