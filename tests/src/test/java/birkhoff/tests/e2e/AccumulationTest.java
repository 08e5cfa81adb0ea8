package birkhoff.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.nn.Parameter;
import birkhoff.tests.support.TestConfig;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.data.Batch;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.train.TrainingStep;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several micro-batches make the step of one larger batch, up to rounding. */
class AccumulationTest {
  private static final int VOCABULARY = 17;

  @ParameterizedTest
  @ValueSource(strings = {"none", "go_mhc"})
  void microBatchesAddUpToTheLargerBatch(String type) {
    RunConfig large =
        TestConfig.of(
            "hyper_conn_type=" + type,
            "n_layer=2",
            "n_embd=16",
            "block_size=8",
            "batch_size=6",
            "vocab_size=" + VOCABULARY,
            "warmup_iters=0");
    RunConfig small = large.with(Keys.BATCH_SIZE, 2).with(Keys.GRADIENT_ACCUMULATION_STEPS, 3);
    Run one = run(large);
    Run three = run(small);
    assertThat(three.result().loss()).isCloseTo(one.result().loss(), offset(1e-6));
    assertThat(three.result().gradNorm())
        .isCloseTo(one.result().gradNorm(), offset(1e-5 * one.result().gradNorm()));
    one.firstMoments()
        .forEach((name, expected) -> {
          float[] actual = three.firstMoments().get(name);
          double norm = 0;
          double difference = 0;
          for (int i = 0; i < expected.length; i++) {
            norm += (double) expected[i] * expected[i];
            difference += Math.pow((double) actual[i] - expected[i], 2);
          }
          assertThat(Math.sqrt(difference))
              .as(name)
              .isLessThanOrEqualTo(1e-4 * Math.sqrt(norm) + 1e-9);
        });
  }

  /**
   * A step's result and the first moments after it, which are a tenth of the clipped gradients:
   * unlike the parameters after AdamW, they do not turn rounding into signs.
   */
  private record Run(TrainingStep.Result result, Map<String, float[]> firstMoments) {}

  private static Run run(RunConfig config) {
    try (Engine engine = Engine.create(EngineConfig.defaults().withThreads(2))) {
      Gpt gpt = Gpt.create(engine, Setup.gpt(config), 3);
      var step = new TrainingStep(engine, gpt, config, AccumulationTest::fill);
      TrainingStep.Result result = step.run(0);
      Map<String, float[]> moments = new LinkedHashMap<>();
      for (Parameter p : gpt.parameters().all()) {
        moments.put(p.name(), step.optimizer().state().get(p.name() + ".exp_avg").toFloatArray());
      }
      return new Run(result, moments);
    }
  }

  /** Row r of micro-batch k is row k·B + r of the larger batch. */
  private static void fill(long index, Batch batch) {
    for (int i = 0; i < batch.size(); i++) {
      long at = index * batch.size() + i;
      batch.inputs()[i] = (int) (at * 7 % VOCABULARY);
      batch.targets()[i] = (int) ((at * at + 3) % VOCABULARY);
    }
  }

  private static Offset<Double> offset(double value) {
    return Offset.offset(value);
  }
}
