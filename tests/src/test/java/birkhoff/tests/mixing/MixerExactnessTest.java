package birkhoff.tests.mixing;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.op.Ops;
import birkhoff.engine.rng.Distributions;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.transformer.residual.Mixer;
import birkhoff.transformer.residual.ResidualConfig;
import birkhoff.transformer.residual.ResidualStreams;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Exact kinds are doubly stochastic to rounding for every parameter, whatever its size. */
class MixerExactnessTest {
  private static final double[] SCALES = {.016, 1, 30, 1000};
  private static final int DRAWS = 25_000;

  static Stream<ResidualConfig> exactKinds() {
    return Stream.of(
        ResidualConfig.of("identity", 4),
        ResidualConfig.of("mhc_lite", 4),
        ResidualConfig.of("mhc_lite", 3),
        ResidualConfig.of("kromhc", 4),
        ResidualConfig.of("kromhc", 6),
        ResidualConfig.of("kromhc", 8),
        ResidualConfig.goMhc(4, 1),
        ResidualConfig.goMhc(4, 2),
        ResidualConfig.goMhc(4, 3),
        ResidualConfig.goMhc(8, 2),
        ResidualConfig.goMhc(4, 2).withFullSkew(true),
        ResidualConfig.goMhc(4, 2).withGuard(1.4),
        ResidualConfig.of("go_kromhc", 4),
        ResidualConfig.of("go_kromhc", 8),
        ResidualConfig.of("go_kromhc", 12).withFactors(List.of(2, 3, 2)));
  }

  @ParameterizedTest
  @MethodSource("exactKinds")
  void rowsAndColumnsSumToOne(ResidualConfig config) {
    Mixer mixer = ResidualStreams.mixer(config);
    int d = config.streams();
    double most = 4.0 * d * Math.ulp(1f);
    try (var engine = Engine.create()) {
      for (double scale : SCALES) {
        var workspace = engine.workspace("draws at " + scale);
        Ops ops = engine.ops(workspace);
        Tensor z = engine.zeros(DType.FLOAT32, mixer.parameters(), DRAWS);
        Distributions.fillNormal(z.data(), z.dtype(), 0, scale, 42, 7, 0, z.count());
        float[] h = mixer.mix(ops, z).toFloatArray();
        double worst = 0;
        for (int t = 0; t < DRAWS; t++) {
          for (int i = 0; i < d; i++) {
            double row = 0;
            double column = 0;
            for (int j = 0; j < d; j++) {
              float entry = h[(i * d + j) * DRAWS + t];
              if (!(entry >= 0)) {
                assertThat(entry).as("H[%s, %s] at scale %s", i, j, scale).isNotNegative();
              }
              row += entry;
              column += h[(j * d + i) * DRAWS + t];
            }
            worst = Math.max(worst, Math.max(Math.abs(row - 1), Math.abs(column - 1)));
          }
        }
        assertThat(worst).as("%s at scale %s", config, scale).isLessThanOrEqualTo(most);
        workspace.reset();
      }
    }
  }
}
