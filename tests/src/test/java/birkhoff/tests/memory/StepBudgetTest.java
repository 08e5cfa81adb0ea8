package birkhoff.tests.memory;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.TestConfig;
import birkhoff.transformer.model.DropoutKeys;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The memory of a training step's forward and backward pass, against what its shapes demand. */
class StepBudgetTest {
  /** Sizes of a model and its batch; memory in bytes of float32. */
  private record Shapes(int layers, int width, int heads, int vocab, int rows, int time) {
    long numbers(long count) {
      return Float.BYTES * count;
    }

    long tokens() {
      return (long) rows * time;
    }

    /** One residual. */
    long residual() {
      return numbers(tokens() * width);
    }

    /** The weights of a layer are 12·width². */
    long matrix() {
      return numbers((long) width * width);
    }

    long head() {
      return numbers((long) vocab * width);
    }

    /** What a layer holds: two residuals, q, k, v, the heads' output, the MLP's pre-activation. */
    long held() {
      long perToken = heads + 4L;
      return 10 * residual() + numbers(perToken * tokens());
    }

    /** Last layer's MLP: GELU's output while the weight's gradient is worked out, and that. */
    long atTheStartOfBackward() {
      return residual() + layers * held() + head() + 4 * residual() + 4 * matrix();
    }

    /** The final norm, its gradient, the head's gradient and all logits of a small batch. */
    long atTheHead() {
      return 3 * residual() + layers * held() + head() + numbers(tokens() * vocab);
    }

    /** All gradients; of the first layer q, k, v with their gradient and the residual. */
    long atTheEndOfBackward() {
      long all = layers * 12L * matrix() + head() + numbers((long) time * width);
      return all + 9 * residual();
    }

    long budget() {
      return Math.max(Math.max(atTheStartOfBackward(), atTheHead()), atTheEndOfBackward());
    }
  }

  @ParameterizedTest
  @CsvSource({
    // Activations decide; the logits; the gradients.
    "4, 64, 4, 32, 8, 64",
    "2, 64, 4, 2048, 8, 32",
    "6, 128, 4, 256, 1, 32"
  })
  void aStepTakesWhatItsShapesDemand(
      int layers, int width, int heads, int vocab, int rows, int time) {
    var shapes = new Shapes(layers, width, heads, vocab, rows, time);
    var config =
        TestConfig.of(
            "hyper_conn_type=none",
            "n_layer=" + layers,
            "n_embd=" + width,
            "n_head=" + heads,
            "block_size=" + time,
            "batch_size=" + rows,
            "vocab_size=" + vocab);
    try (Engine engine = Engine.create(EngineConfig.defaults().withThreads(2));
        Workspace workspace = engine.workspace("step")) {
      Gpt gpt = Gpt.create(engine, Setup.gpt(config), 1);
      Tensor ids = engine.ids(new int[rows * time], rows, time);
      Tensor targets = engine.ids(new int[rows * time], rows, time);
      long reserved = 0;
      for (int step = 0; step < 3; step++) {
        Tape tape = engine.tape(workspace);
        for (Parameter p : gpt.parameters().all()) {
          tape.watch(p.tensor());
        }
        tape.backward(gpt.loss(tape.ops(), ids, targets, new DropoutKeys.Training(1)));
        workspace.reset();
        assertThat(step == 0 ? workspace.reserved() : reserved).isEqualTo(workspace.reserved());
        reserved = workspace.reserved();
      }
      // Partial sums and numbers per row are left out of the budget.
      double budget = shapes.budget();
      assertThat(workspace.peak() / budget).as("blocks in use").isBetween(0.9, 1.05);
      assertThat(reserved / budget).as("memory from the system").isLessThan(1.2);
    }
  }
}
