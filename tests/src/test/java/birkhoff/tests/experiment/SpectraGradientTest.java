package birkhoff.tests.experiment;

import static birkhoff.tests.support.RandomArrays.normals;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import birkhoff.tests.support.Seeds;
import birkhoff.transformer.experiment.spectra.CayleyTransform;
import birkhoff.transformer.experiment.spectra.KroneckerMix;
import birkhoff.transformer.experiment.spectra.MatrixMap;
import birkhoff.transformer.experiment.spectra.Orthostochastic;
import birkhoff.transformer.experiment.spectra.PermutationMix;
import birkhoff.transformer.experiment.spectra.SinkhornMix;
import birkhoff.transformer.experiment.spectra.SkewExponential;
import birkhoff.transformer.experiment.spectra.SkewMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The matrices of the spectral-reach experiment, and their derivatives by central differences. */
class SpectraGradientTest {
  private static final double STEP = 1e-5;

  static Stream<Arguments> families() {
    return Stream.of(
        Arguments.of("exp, d=3, s=1", 3, 1.4, new Orthostochastic(3, 1, new SkewExponential(3))),
        Arguments.of("exp, d=4, s=2", 4, 1.4, new Orthostochastic(4, 2, new SkewExponential(8))),
        Arguments.of("exp, d=3, s=3", 3, 9.0, new Orthostochastic(3, 3, new SkewExponential(9))),
        Arguments.of("cayley, d=3, s=1", 3, 1.4, new Orthostochastic(3, 1, new CayleyTransform(3))),
        Arguments.of("cayley, d=4, s=2", 4, 1.4, new Orthostochastic(4, 2, new CayleyTransform(8))),
        Arguments.of("permutations, d=3", 3, 1.0, new PermutationMix(3)),
        Arguments.of("permutations, d=4", 4, 1.0, new PermutationMix(4)),
        Arguments.of("Kronecker", 4, 1.0, new KroneckerMix()),
        Arguments.of("Sinkhorn, d=3", 3, 1.0, new SinkhornMix(3, 40)),
        Arguments.of("Sinkhorn, d=4", 4, 1.0, new SinkhornMix(4, 40)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void matricesAreDoublyStochastic(String name, int d, double scale, MatrixMap map) {
    double[] h = new double[d * d];
    for (int draw = 0; draw < 20; draw++) {
      map.forward(normals(Seeds.random(name, draw), map.parameters(), scale), h);
      for (int i = 0; i < d; i++) {
        double row = 0;
        double column = 0;
        for (int j = 0; j < d; j++) {
          assertThat(h[i * d + j]).isBetween(0.0, 1 + 1e-12);
          row += h[i * d + j];
          column += h[j * d + i];
        }
        // Sinkhorn's rows are right in the limit only.
        assertThat(row).isCloseTo(1, within(name.startsWith("Sinkhorn") ? 1e-3 : 1e-12));
        assertThat(column).isCloseTo(1, within(1e-12));
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void gradientsOfMatrices(String name, int d, double scale, MatrixMap map) {
    int count = map.parameters();
    double[] z = normals(Seeds.random("z", name), count, scale);
    double[] weights = normals(Seeds.random("weights", name), d * d, 1);
    double[] h = new double[d * d];
    double[] got = new double[count];
    map.forward(z, h);
    map.backward(weights, got);
    ToDoubleFunction<double[]> loss =
        at -> {
          map.forward(at, h);
          return dot(weights, h);
        };
    assertThat(got).containsExactly(differences(z, loss), within(1e-7));
  }

  static Stream<Arguments> skewMaps() {
    return Stream.of(
        Arguments.of("exp", new SkewExponential(4)),
        Arguments.of("cayley", new CayleyTransform(4)));
  }

  /** Also where the matrix is not skew-symmetric. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("skewMaps")
  void gradientsOfSkewMaps(String name, SkewMap map) {
    double[] a = normals(Seeds.random("a", name), 16, 0.7);
    for (int i = 0; i < 4; i++) {
      a[5 * i] = 1;
    }
    double[] weights = normals(Seeds.random("weights", name), 16, 1);
    double[] q = new double[16];
    double[] got = new double[16];
    map.forward(a, q);
    map.backward(weights, got);
    double size = 1 + Math.sqrt(dot(got, got));
    ToDoubleFunction<double[]> loss =
        at -> {
          map.forward(at, q);
          return dot(weights, q);
        };
    assertThat(got).containsExactly(differences(a, loss), within(1e-7 * size));
  }

  @Test
  void exponentialsOfRotations() {
    double[] q = new double[9];
    for (double angle : new double[] {0, 1e-9, 0.1, 3, 40}) {
      new SkewExponential(3).forward(new double[] {0, -angle, 0, angle, 0, 0, 0, 0, 0}, q);
      double c = Math.cos(angle);
      double s = Math.sin(angle);
      assertThat(q).containsExactly(new double[] {c, -s, 0, s, c, 0, 0, 0, 1}, within(1e-12));
    }
  }

  /** Reference values of the construction, see MixingVectorsTest. */
  @Test
  void cayleyMatricesAreTheProductsOwn() {
    double[] h = new double[9];
    new Orthostochastic(3, 1, new CayleyTransform(3)).forward(new double[] {.5, -.25, .75}, h);
    assertThat(h)
        .containsExactly(
            new double[] {
              .4444444444,
              .1111111111,
              .4444444444,
              .5377777778,
              .0177777778,
              .4444444444,
              .0177777778,
              .8711111111,
              .1111111111
            },
            within(1e-9));
    double[] small = new double[4];
    new Orthostochastic(2, 2, new CayleyTransform(4))
        .forward(new double[] {.1, .2, .3, .4, .5, .6}, small);
    assertThat(small)
        .containsExactly(
            new double[] {.5943700708, .4056299292, .4056299292, .5943700708}, within(1e-9));
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double[] differences(double[] at, ToDoubleFunction<double[]> f) {
    double[] slopes = new double[at.length];
    for (int i = 0; i < at.length; i++) {
      double[] moved = at.clone();
      moved[i] = at[i] + STEP;
      double above = f.applyAsDouble(moved);
      moved[i] = at[i] - STEP;
      slopes[i] = (above - f.applyAsDouble(moved)) / (2 * STEP);
    }
    return slopes;
  }
}
