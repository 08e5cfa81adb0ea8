package birkhoff.tests.determinism;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Recompute;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Embedding;
import birkhoff.engine.nn.Initializer;
import birkhoff.engine.nn.LayerNorm;
import birkhoff.engine.nn.Linear;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.op.Ops;
import birkhoff.engine.optim.AdamW;
import birkhoff.engine.optim.GradClip;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Training steps give the same bits for every number of threads, and need no new memory. */
class ThreadCountTest {
  private static final int BATCH = 6;
  private static final int TIME = 64;
  private static final int WIDTH = 96;
  private static final int VOCAB = 203;
  private static final int STEPS = 2;

  static Stream<String> kernels() {
    var probes = KernelTable.resolve(KernelTable.AUTO, KernelOptions.DEFAULT).probes();
    return probes.keySet().stream().filter(name -> probes.get(name).available());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void theBitsDoNotDependOnTheThreads(String kernels) {
    Map<String, float[]> expected = train(kernels, 1);
    for (int threads = 2; threads <= 4; threads++) {
      Map<String, float[]> got = train(kernels, threads);
      assertThat(got.keySet()).isEqualTo(expected.keySet());
      for (String name : expected.keySet()) {
        Numeric.assertSameBits(
            kernels + ", " + threads + " threads: " + name, expected.get(name), got.get(name));
      }
    }
  }

  /** Parameters after some steps of a small transformer, and the losses. */
  private static Map<String, float[]> train(String kernels, int threads) {
    var config = EngineConfig.defaults().withThreads(threads).withKernels(kernels);
    try (Engine engine = Engine.create(config)) {
      var parameters = new Parameters(engine, DType.FLOAT32, 11);
      var model = new Model(parameters);
      var adamW = new AdamW(engine, parameters.all(), AdamW.Options.DEFAULT);
      Workspace ws = engine.workspace("step");
      float[] losses = new float[2 * STEPS];
      long reserved = 0;
      for (int step = 0; step < STEPS; step++) {
        var random = Seeds.random("tokens", step);
        int n = BATCH * TIME;
        Tensor ids = engine.ids(RandomArrays.tokens(random, n, VOCAB), BATCH, TIME);
        Tensor targets = engine.ids(RandomArrays.tokens(random, n, VOCAB), n);
        Tape tape = engine.tape(ws);
        parameters.all().forEach(p -> tape.watch(p.tensor()));
        Tensor loss = model.loss(tape.ops(), ids, targets, step);
        Gradients g = tape.backward(loss);
        double norm = GradClip.globalNorm(engine.execution(ws), parameters.all(), g);
        adamW.step(g, 1e-2, GradClip.scale(norm, 1));
        losses[2 * step] = (float) loss.item();
        losses[2 * step + 1] = (float) norm;
        ws.reset();
        if (step > 0) {
          assertThat(ws.reserved()).as("bytes reserved in step %d", step).isEqualTo(reserved);
        }
        reserved = ws.reserved();
      }
      assertThat(losses[0]).isBetween(4f, 8f);
      Map<String, float[]> numbers = new LinkedHashMap<>();
      numbers.put("losses and norms", losses);
      for (Parameter p : parameters.all()) {
        numbers.put(p.name(), p.tensor().toFloatArray());
      }
      return numbers;
    }
  }

  private static final class Model {
    private final Embedding tokens;
    private final Embedding positions;
    private final LayerNorm ln1;
    private final LayerNorm ln2;
    private final LayerNorm lnF;
    private final Linear qkv;
    private final Linear proj;
    private final Linear up;
    private final Linear down;

    Model(Parameters p) {
      Initializer init = Initializer.normal(0.05);
      tokens = new Embedding(p, "tokens", VOCAB, WIDTH, init);
      positions = new Embedding(p, "positions", TIME, WIDTH, init);
      ln1 = new LayerNorm(p, "ln1", WIDTH, true);
      ln2 = new LayerNorm(p, "ln2", WIDTH, false);
      lnF = new LayerNorm(p, "lnF", WIDTH, true);
      qkv = new Linear(p, "qkv", WIDTH, 3 * WIDTH, true, init);
      proj = new Linear(p, "proj", WIDTH, WIDTH, false, init);
      up = new Linear(p, "up", WIDTH, 4 * WIDTH, true, init);
      down = new Linear(p, "down", 4 * WIDTH, WIDTH, true, init);
    }

    Tensor loss(Ops ops, Tensor ids, Tensor targets, int step) {
      Tensor x = ops.tokenPositionEmbedding(tokens.table(), ids, positions.table());
      x = ops.dropout(x, 0.1, step);
      Tensor a = ops.causalAttention(qkv.forward(ops, ln1.forward(ops, x)), 4, 0.1, 7 + step);
      Tensor[] norm = ln2.addForward(ops, x, proj.forward(ops, a));
      Tensor mlp = Recompute.block(ops, o -> down.forward(o, o.geluTanh(up.forward(o, norm[0]))));
      Tensor sum = ops.add(norm[1], ops.mul(mlp, ops.sigmoid(mlp)));
      Tensor h = lnF.forward(ops, ops.rmsNorm(sum, null, 1e-5));
      Tensor flat = ops.reshape(h, BATCH * TIME, WIDTH);
      Tensor twice = ops.matmul(ops.softmax(flat), ops.matmul(ops.transpose(flat, 0, 1), flat));
      Tensor mixed = ops.add(flat, ops.scale(twice, 1e-3));
      return ops.linearCrossEntropy(mixed, tokens.table(), targets);
    }
  }
}
