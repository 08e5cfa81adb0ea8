package birkhoff.tests.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.error.BirkhoffException;
import birkhoff.engine.error.StaleTensorException;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an engine owns, and what is left of it after close. */
@Timeout(60)
class EngineLifetimeTest {
  private static final EngineConfig CONFIG = EngineConfig.defaults().withThreads(3);

  @Test
  void closeGivesEverythingBack() {
    Engine engine = Engine.create(CONFIG);
    Workspace ws = engine.workspace("step");
    engine.persistent("parameters", TensorSpec.of(Shape.of(100, 100), DType.FLOAT32));
    engine.persistent("empty", TensorSpec.of(Shape.of(0), DType.FLOAT32));
    Tensor qkv = engine.zeros(DType.FLOAT32, 2, 8, 24);
    engine.ops(ws).causalAttention(qkv, 2, 0, 0);
    assertThat(engine.ledger().report()).contains("step: ", "parameters: ");
    assertThat(engine.ledger().peak()).isGreaterThanOrEqualTo(40_000);
    engine.close();
    engine.close();
    assertThat(engine.ledger().report()).isEmpty();
    assertThat(engine.ledger().total()).isZero();
  }

  @Test
  void everyUseAfterCloseIsATypedException() {
    Engine engine = Engine.create(CONFIG);
    Workspace ws = engine.workspace("step");
    Ops ops = engine.ops(ws);
    Tensor casual = engine.tensor(new float[] {1, 2}, 2);
    Tensor held = engine.persistent("p", TensorSpec.of(Shape.of(2), DType.FLOAT32));
    Tensor result = ops.add(casual, held);
    engine.close();
    for (Tensor t : new Tensor[] {casual, held, result}) {
      assertThatThrownBy(() -> ops.exp(t))
          .isInstanceOf(StaleTensorException.class)
          .hasMessageContainingAll("exp", "float32[2]", "closed");
      assertThatThrownBy(t::toFloatArray).isInstanceOf(StaleTensorException.class);
      assertThatThrownBy(() -> t.set(1, 0)).isInstanceOf(StaleTensorException.class);
      assertThatThrownBy(t::data).isInstanceOf(StaleTensorException.class);
      assertThat(t.toString()).contains("closed");
    }
    assertThatThrownBy(() -> engine.zeros(DType.FLOAT32, 2))
        .isInstanceOf(StaleTensorException.class)
        .hasMessageContaining("engine is closed");
    assertThatThrownBy(() -> engine.workspace("w")).isInstanceOf(StaleTensorException.class);
    assertThatThrownBy(() -> engine.persistent("p", held.spec()))
        .isInstanceOf(StaleTensorException.class);
    assertThatThrownBy(() -> engine.team().run(3, (b, w) -> {}))
        .isInstanceOf(BirkhoffException.class)
        .hasMessageContaining("closed");
    assertThat(engine.ledger().total()).isZero();
  }

  @Test
  void enginesAreIndependent() {
    Engine one = Engine.create(CONFIG);
    try (Engine two = Engine.create(CONFIG)) {
      Tensor a = one.tensor(new float[] {1, 2}, 2);
      Tensor b = two.tensor(new float[] {3, 4}, 2);
      Ops ops = two.ops(two.workspace("w"));
      assertThatThrownBy(() -> ops.add(a, b))
          .isInstanceOf(StaleTensorException.class)
          .hasMessageContaining("add: tensor float32[2] belongs to another engine");
      Tensor copied = two.tensor(a.toFloatArray(), 2);
      assertThat(ops.add(copied, b).toFloatArray()).containsExactly(4, 6);
      assertThat(one.ledger().total()).isZero();
      one.close();
      assertThatThrownBy(() -> ops.add(a, b)).isInstanceOf(StaleTensorException.class);
      assertThat(ops.add(b, b).toFloatArray()).containsExactly(6, 8);
    }
  }

  @Test
  void closingDuringAStepEndsItWithAnException() throws InterruptedException {
    for (int round = 0; round < 5; round++) {
      Engine engine = Engine.create(CONFIG);
      Workspace ws = engine.workspace("step");
      Tensor x = engine.persistent("x", TensorSpec.of(Shape.of(300, 300), DType.FLOAT32));
      var failure = new AtomicReference<Throwable>();
      var running = new CountDownLatch(1);
      Thread step =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  while (true) {
                    Ops ops = engine.ops(ws);
                    ops.matmul(ops.exp(x), x);
                    ws.reset();
                    running.countDown();
                  }
                } catch (RuntimeException e) {
                  failure.set(e);
                }
              });
      running.await();
      try {
        engine.close();
      } catch (BirkhoffException e) {
        assertThat(e).hasMessageContaining("still in use");
      }
      step.join();
      assertThat(failure.get()).isInstanceOf(RuntimeException.class);
    }
  }

  /**
   * Two threads on one workspace, on purpose: exceptions or results, and everything still works.
   */
  @ParameterizedTest
  @ValueSource(strings = {"vector", "openblas"})
  void aForeignThreadIsRefusedAndHarmsNothing(String kernels) throws InterruptedException {
    try (Engine engine = Engine.create(CONFIG.withKernels(kernels))) {
      Workspace shared = engine.workspace("shared");
      Tensor x = engine.tensor(new float[64 * 64], 64, 64);
      engine.ops(shared).exp(x);
      var refusal = new AtomicReference<Throwable>();
      Thread.ofPlatform()
          .start(() -> {
            try {
              engine.ops(shared).exp(x);
            } catch (RuntimeException e) {
              refusal.set(e);
            }
          })
          .join();
      assertThat(refusal.get())
          .isInstanceOf(BirkhoffException.class)
          .hasMessageContainingAll(
              "workspace 'shared' is in use by thread", "needs one of its own");
      shared.reset();

      var finished = new AtomicInteger();
      var refused = new AtomicInteger();
      Runnable hammer =
          () -> {
            for (int i = 0; i < 2000; i++) {
              try {
                Ops ops = engine.ops(shared);
                ops.matmul(ops.exp(x), x).toFloatArray();
                shared.reset();
                finished.incrementAndGet();
              } catch (RuntimeException e) {
                refused.incrementAndGet();
              }
            }
          };
      Thread one = Thread.ofPlatform().start(hammer);
      Thread two = Thread.ofPlatform().start(hammer);
      one.join();
      two.join();
      assertThat(finished.get() + refused.get()).isEqualTo(4000);
      Ops own = engine.ops(engine.workspace("own"));
      assertThat(own.matmul(own.exp(x), own.exp(x)).toFloatArray()).containsOnly(64);
    }
  }

  @Test
  void aTaskMustNotCallItsOwnTeam() {
    try (Engine engine = Engine.create(CONFIG)) {
      // Enough blocks that every worker meets the refusal, not only the caller.
      for (int round = 0; round < 20; round++) {
        assertThatThrownBy(
                () -> engine.team().run(64, (b, w) -> engine.team().run(2, (c, v) -> {})))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("must not call back");
        assertThatThrownBy(() -> engine.team().run(64, (b, w) -> engine.team().close()))
            .isInstanceOf(IllegalStateException.class);
      }
      var count = new java.util.concurrent.atomic.AtomicInteger();
      engine.team().run(64, (b, w) -> count.incrementAndGet());
      assertThat(count.get()).isEqualTo(64);
    }
  }

  @Test
  void aFailingTaskReachesTheCallerAndTheTeamLivesOn() {
    try (Engine engine = Engine.create(CONFIG)) {
      assertThatThrownBy(() ->
              engine
                  .team()
                  .run(
                      1000,
                      (b, w) -> {
                        if (b == 500) {
                          throw new IllegalArgumentException("block " + b);
                        }
                      }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("block 500");
      int[] seen = new int[1000];
      engine.team().run(1000, (b, w) -> seen[b]++);
      assertThat(seen).containsOnly(1);
    }
  }
}
