package birkhoff.tests.mixing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import birkhoff.engine.Engine;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.e2e.SmallRun;
import birkhoff.transformer.residual.Mixer;
import birkhoff.transformer.residual.ResidualConfig;
import birkhoff.transformer.residual.ResidualStreams;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The registry of residual kinds: numbers per token, starts, refusals. */
class ResidualStreamsTest {
  private static ResidualConfig config(String type, int d, int s, String factors) {
    List<Integer> sizes =
        factors == null
            ? List.of()
            : List.of(factors.split("x")).stream().map(Integer::valueOf).toList();
    return ResidualConfig.of(type, d).withBlockSize(s).withFactors(sizes);
  }

  /** Section 1.8 of the paper's tables: parameters of a mixer at d=4 and beyond. */
  @ParameterizedTest
  @CsvSource({
    "identity,4,2,,0",
    "unconstrained,4,2,,16",
    "mhc,4,2,,16",
    "mhc_lite,4,2,,24",
    "mhc_lite,7,2,,5040",
    "kromhc,4,2,,4",
    "kromhc,8,2,,6",
    "kromhc,16,2,4x4,48",
    "kromhc,6,2,,8",
    "go_mhc,4,1,,6",
    "go_mhc,4,2,,28",
    "go_mhc,4,3,,66",
    "go_mhc,32,2,,2016",
    "go_kromhc,16,2,,56",
    "go_kromhc,4,2,,12",
    "go_kromhc,8,2,2x2x2,18",
    "go_kromhc,7,1,,21"
  })
  void numbersPerToken(String type, int d, int s, String factors, int numbers) {
    Mixer mixer = ResidualStreams.mixer(config(type, d, s, factors));
    assertThat(mixer.streams()).isEqualTo(d);
    assertThat(mixer.parameters()).isEqualTo(numbers);
  }

  @Test
  void aFullSkewMatrixHasAllItsEntries() {
    var full = ResidualConfig.goMhc(4, 2).withFullSkew(true);
    assertThat(ResidualStreams.mixer(full).parameters()).isEqualTo(64);
  }

  /** The share that stays in place at the start, by the published starts. */
  @ParameterizedTest
  @CsvSource({
    "identity,4,,1",
    "unconstrained,4,,1",
    "mhc_lite,4,,0.99401",
    "kromhc,4,,0.99933",
    "kromhc,8,,0.99899",
    "mhc,4,,0.99900"
  })
  void startsNearTheIdentity(String type, int d, String factors, double diagonal) {
    Mixer mixer = ResidualStreams.mixer(config(type, d, 2, factors));
    try (var engine = Engine.create()) {
      int first = 2 * d;
      Tensor bias = engine.zeros(DType.FLOAT64, first + mixer.parameters());
      // In two pieces, as parameters are filled by several threads.
      mixer.start(first).fill(bias, 1, 2, 0, first + mixer.parameters() / 2);
      mixer.start(first).fill(bias, 1, 2, first + mixer.parameters() / 2, bias.count());
      Tensor z = engine.zeros(DType.FLOAT64, mixer.parameters(), 1);
      for (int k = 0; k < mixer.parameters(); k++) {
        z.set(bias.get(first + k), k, 0);
      }
      Tensor h = mixer.mix(engine.ops(engine.workspace("start")), z);
      for (int i = 0; i < d; i++) {
        assertThat(h.get((long) i * d + i, 0)).isCloseTo(diagonal, within(1e-5));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "mhc_lite,8,,8! of them",
    "kromhc,11,,a factor of hyper_conn_type=kromhc",
    "kromhc,4,2x3,whose product is hyper_conn_n=4",
    "go_kromhc,6,2x2,whose product is hyper_conn_n=6",
    "mhd,4,,known are",
    "go_mhc,0,,must be at least 1"
  })
  void whatCannotBe(String type, int d, String factors, String reason) {
    assertThatThrownBy(() -> ResidualStreams.check(config(type, d, 2, factors)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void theCommandLineSaysSo(@TempDir Path folder) {
    String[][] wrong = {
      {"--hyper_conn_type=mhc_lite", "--hyper_conn_n=8"},
      {"--hyper_conn_type=kromhc", "--hyper_conn_factors=4by2"},
      {"--hyper_conn_init_eps=0"}
    };
    for (String[] options : wrong) {
      SmallRun run = SmallRun.train(folder.resolve("out"), options);
      assertThat(run.code()).as(run.err()).isEqualTo(2);
      assertThat(run.err().strip().lines().count()).as(run.err()).isEqualTo(1);
    }
  }
}
