package birkhoff.tests.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import birkhoff.engine.Engine;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Seeds;
import birkhoff.transformer.diagnostics.MixerStatistics;
import birkhoff.transformer.diagnostics.MixerWatch;
import birkhoff.transformer.diagnostics.SingularValues;
import birkhoff.transformer.experiment.residuals.Spread;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Statistics of {@code experiment residuals} on matrices whose statistics are known. */
class ResidualsStatisticsTest {
  private static final double TINY = 1e-12;

  @Test
  void singularValuesOfKnownMatrices() {
    assertThat(SingularValues.of(2, new double[] {3, 0, 0, -2})).containsExactly(3, 2);
    assertThat(SingularValues.of(2, new double[4])).containsExactly(0, 0);
    assertThat(SingularValues.of(2, new double[] {1, 1, 1, 1}))
        .usingComparatorWithPrecision(TINY)
        .containsExactly(2, 0);
    // aI + bJ has the singular values a + nb and, otherwise, a.
    double[] h = {.7, .1, .1, .1, .1, .7, .1, .1, .1, .1, .7, .1, .1, .1, .1, .7};
    assertThat(SingularValues.of(4, h))
        .usingComparatorWithPrecision(TINY)
        .containsExactly(1, .6, .6, .6);
  }

  /** Power iteration on HᵀH finds the largest one, and after deflation the second. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 8, 16})
  void singularValuesOfRandomMatrices(int d) {
    var random = Seeds.random("singular values", d);
    double[] h = random.doubles((long) d * d, -1, 1).toArray();
    double[] values = SingularValues.of(d, h);
    double[] gram = new double[d * d];
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          gram[i * d + j] += h[k * d + i] * h[k * d + j];
        }
      }
    }
    for (int which = 0; which < 2; which++) {
      double[] v = random.doubles(d, .5, 1).toArray();
      double square = 0;
      for (int step = 0; step < 20_000; step++) {
        double[] next = new double[d];
        for (int i = 0; i < d; i++) {
          for (int j = 0; j < d; j++) {
            next[i] += gram[i * d + j] * v[j];
          }
        }
        square = Math.sqrt(Arrays.stream(next).map(x -> x * x).sum());
        for (int i = 0; i < d; i++) {
          v[i] = next[i] / square;
        }
      }
      assertThat(values[which]).isCloseTo(Math.sqrt(square), within(1e-7));
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          gram[i * d + j] -= square * v[i] * v[j];
        }
      }
    }
    double frobenius = Arrays.stream(h).map(x -> x * x).sum();
    assertThat(Arrays.stream(values).map(x -> x * x).sum()).isCloseTo(frobenius, within(1e-11));
    assertThat(values).isSortedAccordingTo((a, b) -> Double.compare(b, a));
  }

  @Test
  void statisticsOfTwoMatrices() {
    var sum = new MixerStatistics.Sum(2);
    sum.add(new double[] {.75, .25, .25, .75});
    sum.add(new double[] {.5, .75, .5, .5});
    MixerStatistics s = sum.statistics();
    assertThat(s.rowErrorMax()).isEqualTo(.25);
    assertThat(s.rowErrorMean()).isEqualTo(.25 / 4);
    assertThat(s.columnErrorMax()).isEqualTo(.25);
    assertThat(s.columnErrorMean()).isEqualTo(.25 / 4);
    assertThat(s.errorMax()).isEqualTo(.25);
    assertThat(s.diagonal()).isEqualTo((.75 + .75 + .5 + .5) / 4);
    // σ₁² + σ₂² is the sum of squares, σ₁σ₂ the determinant's size.
    double squares = .25 + .5625 + .25 + .25;
    double determinant = .125;
    double larger = Math.sqrt((squares + Math.sqrt(squares * squares - 4 * .015625)) / 2);
    assertThat(s.sigma1()).isCloseTo((1 + larger) / 2, within(TINY));
    assertThat(s.sigma2()).isCloseTo((.5 + determinant / larger) / 2, within(TINY));
    assertThat(s.similarity()).isNaN();
  }

  /** Two sublayers, two tokens, two streams of width two. */
  @Test
  void theWatchFollowsTheProductOfEachToken() {
    var watch = new MixerWatch(2, 2);
    try (Engine engine = Engine.create()) {
      // Numbers of a map stand token-fastest: {h00 of both tokens, h01 of both, …}.
      Tensor first = tensor(engine, 4, 2, .9f, .6f, .1f, .4f, .1f, .4f, .9f, .6f);
      Tensor second = tensor(engine, 4, 2, .8f, .5f, .2f, .5f, .2f, .5f, .8f, .5f);
      watch.written(0, first, tensor(engine, 4, 2, 1, 0, 0, 1, 1, 0, 1, 0));
      watch.written(1, second, tensor(engine, 4, 2, 3, 4, 6, 8, 1, 0, -2, 0));
    }
    List<MixerStatistics> sublayers = watch.sublayers();
    assertThat(sublayers).hasSize(2);
    assertThat(sublayers.get(0).diagonal()).isCloseTo(.75, within(1e-7));
    assertThat(sublayers.get(0).sigma2()).isCloseTo((.8 + .2) / 2, within(1e-7));
    assertThat(sublayers.get(0).similarity()).isEqualTo((0.0 + 1) / 2);
    assertThat(sublayers.get(1).sigma2()).isCloseTo((.6 + 0) / 2, within(1e-7));
    assertThat(sublayers.get(1).similarity()).isCloseTo((1.0 - 1) / 2, within(TINY));
    MixerStatistics product = watch.composite();
    // Symmetric 2×2 mixers commute: second singular values multiply.
    assertThat(product.sigma2()).isCloseTo((.8 * .6 + .2 * 0) / 2, within(1e-7));
    assertThat(product.sigma1()).isCloseTo(1, within(1e-7));
    assertThat(product.diagonal()).isCloseTo((.9 * .8 + .1 * .2 + .5) / 2, within(1e-7));
    assertThat(product.errorMax()).isLessThan(1e-6);
  }

  private static Tensor tensor(Engine engine, long rows, long columns, float... values) {
    return engine.zeros(DType.FLOAT32, rows, columns).copyFrom(values);
  }

  @Test
  void spreadOverSeeds() {
    Spread three = Spread.of(List.of(1.0, 2.0, 3.0, Double.NaN));
    assertThat(three).isEqualTo(new Spread(2, 1, 3));
    assertThat(three.uncertainty()).isCloseTo(4.30 / Math.sqrt(3), within(TINY));
    assertThat(three.isClear()).isFalse();
    assertThat(Spread.of(List.of(10.0, 11.0, 12.0)).isClear()).isTrue();
    Spread one = Spread.of(List.of(5.0));
    assertThat(one.mean()).isEqualTo(5);
    assertThat(one.deviation()).isNaN();
    assertThat(one.isClear()).isFalse();
    assertThat(Spread.of(List.of()).mean()).isNaN();
  }
}
