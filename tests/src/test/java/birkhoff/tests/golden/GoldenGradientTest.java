package birkhoff.tests.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import birkhoff.transformer.residual.ResidualConfig;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The oracle's backward pass against fourth-order central differences, every single parameter. */
class GoldenGradientTest {
  private static final int BATCH = 2;
  private static final int TIME = 3;
  private static final int[] X = {0, 3, 1, 4, 4, 2};
  private static final int[] Y = {3, 1, 2, 4, 2, 0};

  /**
   * The plain residual and go_mhc with all four choices of bias and GELU, every d and s with one,
   * and every other residual.
   */
  static Stream<GoldenConfig> configs() {
    Stream.Builder<GoldenConfig> all = Stream.builder();
    // A block longer than the sequence: the last position row must get no gradient.
    var base = GoldenConfig.plain(5, 4, 2, 2, 4);
    for (int choice = 0; choice < 4; choice++) {
      all.add(choose(base, choice));
      all.add(choose(base.withGoMhc(2, 2), choice));
    }
    for (int d : new int[] {1, 2, 4}) {
      for (int s = 1; s <= 3; s++) {
        all.add(choose(base.withGoMhc(d, s), d + s));
      }
    }
    for (ResidualConfig residual : GoldenResiduals.all()) {
      all.add(choose(base.withResidual(GoldenResiduals.of(residual)), residual.streams()));
    }
    return all.build();
  }

  private static GoldenConfig choose(GoldenConfig config, int choice) {
    return config.withBias(choice % 2 == 0).withTanhGelu(choice / 2 % 2 == 0);
  }

  @ParameterizedTest
  @MethodSource("configs")
  void everyParameter(GoldenConfig config) {
    Map<String, double[]> params = GoldenParams.random(config, 7, 0.7);
    var gpt = new GoldenGpt(config, params);
    Map<String, double[]> gradients = gpt.lossAndGradients(X, Y, BATCH, TIME).gradients();
    assertEquals(params.keySet(), gradients.keySet());
    params.forEach((name, values) -> {
      double[] gradient = gradients.get(name);
      for (int k = 0; k < values.length; k++) {
        double slope = slope(gpt, values, k);
        double bound = 1e-9 + 1e-6 * Math.abs(slope);
        int index = k;
        assertEquals(slope, gradient[k], bound, () -> name + "[" + index + "]");
      }
    });
  }

  private static double slope(GoldenGpt gpt, double[] values, int k) {
    double step = 2e-4;
    double centre = values[k];
    double[] at = {-2, -1, 1, 2};
    var loss = new double[4];
    for (int q = 0; q < 4; q++) {
      values[k] = centre + at[q] * step;
      loss[q] = gpt.forward(X, Y, BATCH, TIME).loss();
    }
    values[k] = centre;
    return (loss[0] - 8 * loss[1] + 8 * loss[2] - loss[3]) / (12 * step);
  }
}
