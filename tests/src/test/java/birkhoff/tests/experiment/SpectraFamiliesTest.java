package birkhoff.tests.experiment;

import static birkhoff.tests.support.RandomArrays.normals;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import birkhoff.engine.Engine;
import birkhoff.engine.op.Ops;
import birkhoff.tests.support.Seeds;
import birkhoff.transformer.experiment.spectra.CayleyTransform;
import birkhoff.transformer.experiment.spectra.KroneckerMix;
import birkhoff.transformer.experiment.spectra.MatrixMap;
import birkhoff.transformer.experiment.spectra.Orthostochastic;
import birkhoff.transformer.experiment.spectra.PermutationMix;
import birkhoff.transformer.experiment.spectra.SinkhornMix;
import birkhoff.transformer.residual.Mixer;
import birkhoff.transformer.residual.ResidualConfig;
import birkhoff.transformer.residual.ResidualStreams;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The experiment's matrices are those that models are trained with. */
class SpectraFamiliesTest {
  static Stream<Arguments> families() {
    return Stream.of(
        Arguments.of(ResidualConfig.goMhc(3, 2), new Orthostochastic(3, 2, new CayleyTransform(6))),
        Arguments.of(ResidualConfig.goMhc(4, 1), new Orthostochastic(4, 1, new CayleyTransform(4))),
        Arguments.of(ResidualConfig.of("mhc_lite", 3), new PermutationMix(3)),
        Arguments.of(ResidualConfig.of("mhc_lite", 4), new PermutationMix(4)),
        Arguments.of(ResidualConfig.of("kromhc", 4), new KroneckerMix()));
  }

  @ParameterizedTest
  @MethodSource("families")
  void areTheMixers(ResidualConfig config, MatrixMap map) {
    double[] z = normals(Seeds.random("family", config.type()), map.parameters(), 1);
    assertThat(matrix(map, config.streams(), z)).containsExactly(mixer(config, z), within(1e-12));
  }

  /** The paper's experiment ends with columns, the mixer with rows: the transposed matrices. */
  @Test
  void sinkhornIsTheMixerTransposed() {
    int d = 4;
    double[] z = normals(Seeds.random("Sinkhorn"), d * d, 3);
    double[] expected = mixer(ResidualConfig.of("mhc", d), transposed(d, z));
    MatrixMap map = new SinkhornMix(d, ResidualConfig.SINKHORN_ITERATIONS);
    assertThat(matrix(map, d, z)).containsExactly(transposed(d, expected), within(1e-12));
  }

  private static double[] matrix(MatrixMap map, int d, double[] z) {
    double[] h = new double[d * d];
    map.forward(z, h);
    return h;
  }

  private static double[] mixer(ResidualConfig config, double[] z) {
    Mixer mixer = ResidualStreams.mixer(config);
    assertThat(mixer.parameters()).isEqualTo(z.length);
    try (var engine = Engine.create()) {
      Ops ops = engine.ops(engine.workspace("mixer"));
      return mixer.mix(ops, engine.tensor(z, z.length, 1)).toDoubleArray();
    }
  }

  private static double[] transposed(int d, double[] a) {
    double[] b = new double[d * d];
    for (int i = 0; i < d * d; i++) {
      b[i % d * d + i / d] = a[i];
    }
    return b;
  }
}
