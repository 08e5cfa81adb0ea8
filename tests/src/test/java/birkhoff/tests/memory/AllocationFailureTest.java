package birkhoff.tests.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.error.MemoryLimitException;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.optim.AdamW;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import birkhoff.transformer.model.DropoutKeys;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.model.GptConfig;
import birkhoff.transformer.residual.ResidualConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The Nth native allocation of a model, an optimizer and its steps fails, for every N: a typed
 * exception, and the engine goes on; closed, it holds nothing.
 */
@Timeout(300)
class AllocationFailureTest {
  private static final int BATCH = 2;
  private static final int TIME = 40;
  private static final int VOCAB = 300;

  /** More bytes than these steps need. */
  private static final long ENOUGH = 64 << 20;

  @ParameterizedTest
  @ValueSource(strings = {"vector", "openblas"})
  void theEngineGoesOnWhenAnyAllocationFails(String kernels) {
    long limit = 0;
    int failures = 0;
    // The limit that lets a failed allocation succeed, and the next one fail.
    while (limit < ENOUGH) {
      long needed = attempt(kernels, limit);
      if (needed <= limit) {
        break;
      }
      limit = needed;
      failures++;
    }
    assertThat(limit).as("a limit that is enough").isLessThan(ENOUGH);
    assertThat(failures).isGreaterThan(50);
    Campaign.ran(
        "failing allocations", "%s, %d allocations of a step failed once", kernels, failures);
  }

  /** Trains under a limit; returns how many bytes would have been needed at least. */
  private static long attempt(String kernels, long limit) {
    var config = EngineConfig.defaults().withThreads(3).withKernels(kernels).withMemoryLimit(limit);
    Engine engine = Engine.create(config);
    long needed;
    try {
      train(engine);
      needed = engine.ledger().peak();
    } catch (MemoryLimitException e) {
      assertThat(e).hasMessageContainingAll("exceed the engine's limit of " + limit, "withMemory");
      needed = neededBy(e);
      assertThat(needed).isGreaterThan(limit);
    }
    assertThat(engine.ledger().total()).isLessThanOrEqualTo(limit);
    Tensor small = engine.tensor(new float[] {1, 2, 3}, 3);
    assertThat(small.toFloatArray()).containsExactly(1, 2, 3);
    engine.team().run(7, (block, worker) -> {});
    engine.close();
    assertThat(engine.ledger().total()).isZero();
    assertThat(engine.ledger().report()).isEmpty();
    return needed;
  }

  private static long neededBy(MemoryLimitException e) {
    var numbers =
        java.util.regex.Pattern.compile("(\\d+) bytes for .* beside the (\\d+) that")
            .matcher(e.getMessage());
    assertThat(numbers.find()).isTrue();
    return Long.parseLong(numbers.group(1)) + Long.parseLong(numbers.group(2));
  }

  private static void train(Engine engine) {
    var random = Seeds.random("allocation failures");
    var config =
        new GptConfig(VOCAB, TIME, 2, 2, 24, true, false, false, 0.1, ResidualConfig.goMhc(2, 2));
    Gpt gpt = new Gpt(config, new Parameters(engine, DType.FLOAT32, 1));
    AdamW adamW =
        new AdamW(engine, gpt.parameters().all(), new AdamW.Options(0.9, 0.99, 1e-8, 0.1));
    Tensor ids = engine.ids(RandomArrays.tokens(random, BATCH * TIME, VOCAB), BATCH, TIME);
    Workspace ws = engine.workspace("step");
    for (int step = 0; step < 2; step++) {
      try {
        Tape tape = engine.tape(ws);
        gpt.parameters().all().forEach(p -> tape.watch(p.tensor()));
        Tensor loss = gpt.loss(tape.ops(), ids, ids, new DropoutKeys.Training(1));
        Gradients gradients = tape.backward(loss);
        adamW.step(gradients, 1e-3, 1);
      } finally {
        ws.reset();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aStepThatDidNotFitLeavesRoomForASmallerOne(int threads) {
    var config = EngineConfig.defaults().withThreads(threads).withMemoryLimit(3 << 20);
    try (Engine engine = Engine.create(config);
        Workspace ws = engine.workspace("step")) {
      float[] expected = null;
      for (int round = 0; round < 20; round++) {
        long held = engine.ledger().total();
        Tensor large = engine.zeros(DType.FLOAT32, 1500, 400);
        assertThatThrownBy(
                () -> engine.ops(ws).matmul(large, engine.zeros(DType.FLOAT32, 400, 900)))
            .isInstanceOf(MemoryLimitException.class)
            .hasMessageContaining("'step'");
        ws.reset();
        Tensor small = engine.tensor(RandomArrays.floats(Seeds.random("small"), 600, 1), 30, 20);
        float[] product = engine.ops(ws).matmul(small, small.t()).toFloatArray();
        assertThat(expected == null ? product : expected).isEqualTo(product);
        expected = product;
        ws.reset();
        assertThat(engine.ledger().total()).isLessThanOrEqualTo(3 << 20);
        if (round > 1) {
          assertThat(engine.ledger().total()).isEqualTo(held);
        }
      }
    }
  }

  @Test
  void manyEnginesAreOpenedAndClosed() {
    int engines = Campaign.cases(500);
    long threads = Thread.getAllStackTraces().keySet().size();
    float[] expected = null;
    for (int i = 0; i < engines; i++) {
      Engine engine = Engine.create(EngineConfig.defaults().withThreads(1 + i % 4));
      Workspace ws = engine.workspace("step");
      Tensor x = engine.tensor(RandomArrays.floats(Seeds.random("engines"), 2000, 1), 50, 40);
      float[] product = engine.ops(ws).matmul(x, x.t()).toFloatArray();
      assertThat(expected == null ? product : expected).isEqualTo(product);
      expected = product;
      engine.close();
      assertThat(engine.ledger().total()).isZero();
    }
    assertThat((long) Thread.getAllStackTraces().keySet().size()).isLessThanOrEqualTo(threads + 5);
    Campaign.ran("engines", "%d opened and closed", engines);
  }
}
