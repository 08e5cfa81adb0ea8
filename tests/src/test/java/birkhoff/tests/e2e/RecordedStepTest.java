package birkhoff.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.ffi.OneDnn;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.TestConfig;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.data.Batch;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.train.TrainingStep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Replayed steps give the bits of steps done as written, for any number of threads. */
class RecordedStepTest {
  private static final int VOCABULARY = 67;
  private static final int STEPS = 7;

  static Stream<Arguments> cases() {
    var probes = KernelTable.resolve(KernelTable.AUTO, KernelOptions.DEFAULT).probes();
    List<String> kernels = new ArrayList<>(List.of(KernelTable.AUTO));
    probes.keySet().stream().filter(name -> probes.get(name).available()).forEach(kernels::add);
    return kernels.stream()
        .flatMap(k ->
            Stream.of("none", "go_mhc")
                .flatMap(type ->
                    Stream.of(1, 3)
                        .flatMap(micro ->
                            Stream.of(0.0, 0.1).map(p -> Arguments.of(k, type, micro, p)))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void replayedStepsGiveTheSameBits(String kernels, String type, int micro, double dropout) {
    check(config(type, micro, dropout), EngineConfig.defaults().withKernels(kernels));
  }

  @ParameterizedTest
  @CsvSource({"none, 1, 0.1", "none, 3, 0", "go_mhc, 1, 0"})
  void replayedBfloat16StepsGiveTheSameBits(String type, int micro, double dropout) {
    RunConfig config = config(type, micro, dropout).with(Keys.DTYPE, "bfloat16");
    check(config, OneDnn.config(EngineConfig.defaults()));
  }

  @ParameterizedTest
  @CsvSource({"muon, none, auto", "muon, go_mhc, vector", "sgd, none, vector"})
  void otherOptimizersGiveTheSameBitsToo(String optimizer, String type, String kernels) {
    RunConfig config = config(type, 1, 0).with(Keys.OPTIMIZER_NAME, optimizer);
    check(config, EngineConfig.defaults().withKernels(kernels));
  }

  @Test
  void muonKeepsTheBfloat16CopiesUpToDate() {
    RunConfig config =
        config("none", 1, 0).with(Keys.DTYPE, "bfloat16").with(Keys.OPTIMIZER_NAME, "muon");
    check(config, OneDnn.config(EngineConfig.defaults()));
    try (Engine engine = Engine.create(OneDnn.config(EngineConfig.defaults()))) {
      Gpt gpt = Setup.model(engine, config);
      new TrainingStep(engine, gpt, config, RecordedStepTest::fill).run(0);
      for (Parameter p : gpt.hiddenMatrices().keySet()) {
        float[] rounded = p.tensor().toFloatArray();
        for (int i = 0; i < rounded.length; i++) {
          rounded[i] = DType.fromBfloat16(DType.toBfloat16(rounded[i]));
        }
        assertThat(p.shadow().toFloatArray()).as(p.name()).isEqualTo(rounded);
      }
    }
  }

  private static RunConfig config(String type, int micro, double dropout) {
    return TestConfig.of(
        "hyper_conn_type=" + type,
        "n_layer=2",
        "n_head=2",
        "n_embd=32",
        "block_size=16",
        "batch_size=5",
        "vocab_size=" + VOCABULARY,
        "gradient_accumulation_steps=" + micro,
        "dropout=" + dropout,
        "warmup_iters=3");
  }

  private static void check(RunConfig config, EngineConfig engine) {
    Map<String, float[]> expected = train(config, engine.withThreads(1), false);
    for (int threads = 1; threads <= 4; threads++) {
      Map<String, float[]> got = train(config, engine.withThreads(threads), true);
      assertThat(got.keySet()).isEqualTo(expected.keySet());
      for (String name : expected.keySet()) {
        Numeric.assertSameBits(threads + " threads: " + name, expected.get(name), got.get(name));
      }
    }
  }

  /** Losses, norms, parameters and moments after some steps. */
  private static Map<String, float[]> train(
      RunConfig config, EngineConfig engineConfig, boolean replay) {
    try (Engine engine = Engine.create(engineConfig)) {
      Gpt gpt = Setup.model(engine, config);
      var step = new TrainingStep(engine, gpt, config, RecordedStepTest::fill);
      if (!replay) {
        engine.observers().add((primitive, operands, backward, nanos) -> {});
      }
      float[] results = new float[2 * STEPS];
      for (int k = 0; k < STEPS; k++) {
        TrainingStep.Result result = step.run(k);
        results[2 * k] = (float) result.loss();
        results[2 * k + 1] = (float) result.gradNorm();
      }
      assertThat(step.replays()).as("steps are replayed").isEqualTo(replay);
      Map<String, float[]> numbers = new LinkedHashMap<>();
      numbers.put("losses and norms", results);
      for (Parameter p : gpt.parameters().all()) {
        numbers.put(p.name(), p.tensor().toFloatArray());
      }
      step.optimizer().state().forEach((name, t) -> numbers.put(name, t.toFloatArray()));
      return numbers;
    }
  }

  private static void fill(long index, Batch batch) {
    for (int i = 0; i < batch.size(); i++) {
      long at = index * batch.size() + i;
      batch.inputs()[i] = (int) (at * at * 7 % VOCABULARY);
      batch.targets()[i] = (int) ((at * at + 3 * at) % VOCABULARY);
    }
  }
}
