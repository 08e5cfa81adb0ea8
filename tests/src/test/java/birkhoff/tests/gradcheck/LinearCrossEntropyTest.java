package birkhoff.tests.gradcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import org.junit.jupiter.api.Test;

/** A vocabulary so large that the logits are worked out in several chunks. */
class LinearCrossEntropyTest {
  private static final int ROWS = 33;
  private static final int VOCAB = (1 << 20) - 3;

  @Test
  void chunksAddUpToTheWhole() {
    var random = Seeds.random("chunks");
    float[] h = RandomArrays.floats(random, 2 * ROWS, 1);
    float[] w = RandomArrays.floats(random, 2 * VOCAB, 1);
    int[] targets = RandomArrays.tokens(random, ROWS, VOCAB);
    try (Engine engine = Engine.create(EngineConfig.defaults().withThreads(2));
        Workspace ws = engine.workspace("chunks")) {
      Tensor th = engine.tensor(h, ROWS, 2);
      Tensor tw = engine.tensor(w, VOCAB, 2);
      Tensor ids = engine.ids(targets, ROWS);
      Tape fused = engine.tape(ws);
      fused.watch(th);
      fused.watch(tw);
      Tensor loss = fused.ops().linearCrossEntropy(th, tw, ids);
      assertThat(engine.ops(ws).linearCrossEntropy(th, tw, ids).item()).isEqualTo(loss.item());
      Gradients g = fused.backward(loss, 3);
      Tape whole = engine.tape(ws);
      whole.watch(th);
      whole.watch(tw);
      Tensor logits = whole.ops().linear(th, tw, null);
      Tensor expected = whole.ops().crossEntropy(logits, ids);
      Gradients e = whole.backward(expected, 3);
      assertThat(loss.item()).isCloseTo(expected.item(), within(1e-5));
      Numeric.assertClose(
          "gradient of h",
          e.of(th).toFloatArray(),
          g.of(th).toFloatArray(),
          Bound.relativeToLargest(1e-5));
      Numeric.assertClose(
          "gradient of W",
          e.of(tw).toFloatArray(),
          g.of(tw).toFloatArray(),
          Bound.relativeToLargest(1e-5));
    }
  }
}
