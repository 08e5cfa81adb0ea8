package birkhoff.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import birkhoff.engine.Engine;
import birkhoff.engine.rng.Distributions;
import birkhoff.tests.support.TestConfig;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.Preset;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.data.Batch;
import birkhoff.transformer.residual.ResidualStreams;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.train.TrainingStep;
import birkhoff.transformer.train.WarmUp;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tiny steps before the first one run for every residual kind and change no result. */
class WarmUpTest {
  static Stream<String> types() {
    return ResidualStreams.types().stream();
  }

  @ParameterizedTest
  @MethodSource("types")
  void stepsHaveTheSameBitsAfterIt(String type) {
    RunConfig config = config(type);
    List<Double> before = losses(config);
    WarmUp.run(config);
    assertThat(losses(config)).isEqualTo(before);
  }

  @Test
  void itPaysForVectorKernelsAndModelsThatAreNotTiny() {
    RunConfig baby = new RunConfigBuilder().preset(Preset.of("baby")).build();
    assertThat(WarmUp.pays(baby)).isTrue();
    assertThat(WarmUp.pays(baby.with(Keys.KERNELS, "scalar"))).isFalse();
    assertThat(WarmUp.pays(config("none"))).isFalse();
  }

  @ParameterizedTest
  @MethodSource("types")
  void whatDivergesLaterDoesNotFailInIt(String type) {
    RunConfig wild = config(type).with(Keys.LEARNING_RATE, 1e30).with(Keys.DROPOUT, 0.9);
    assertThatCode(() -> WarmUp.run(wild)).doesNotThrowAnyException();
  }

  private static RunConfig config(String type) {
    return TestConfig.of(
        "hyper_conn_type=" + type,
        "n_layer=2",
        "n_head=3",
        "n_embd=24",
        "block_size=10",
        "batch_size=2",
        "vocab_size=19");
  }

  private static List<Double> losses(RunConfig config) {
    List<Double> losses = new ArrayList<>();
    try (Engine engine = Setup.trainingEngine(config)) {
      var step = new TrainingStep(engine, Setup.model(engine, config), config, WarmUpTest::fill);
      for (int i = 0; i < 4; i++) {
        losses.add(step.run(i).loss());
      }
    }
    return losses;
  }

  private static void fill(long step, Batch batch) {
    for (int i = 0; i < batch.size(); i++) {
      batch.inputs()[i] = (int) Distributions.below(19, 1, step, i);
      batch.targets()[i] = (int) Distributions.below(19, 2, step, i);
    }
  }
}
