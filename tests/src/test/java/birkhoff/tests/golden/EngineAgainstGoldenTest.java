package birkhoff.tests.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.optim.AdamW;
import birkhoff.engine.optim.GradClip;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.Seeds;
import birkhoff.transformer.model.DropoutKeys;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.model.GptConfig;
import birkhoff.transformer.residual.ResidualConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The engine's GPT against the oracle: loss, every gradient and ten clipped AdamW steps, in float32
 * with the fast kernels and in float64 with the scalar ones.
 */
class EngineAgainstGoldenTest {
  private static final int BATCH = 3;
  private static final int TIME = 9;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.99;
  private static final double EPS = 1e-8;
  private static final double DECAY = 0.1;
  private static final double CLIP = 1.0;
  private static final double LR = 1e-3;

  static Stream<Arguments> models() {
    var base = GoldenConfig.plain(13, 11, 2, 3, 12);
    Stream<GoldenConfig> configs =
        Stream.of(
            base,
            base.withBias(false).withTanhGelu(true),
            base.withOwnHead(),
            base.withGoMhc(4, 2),
            base.withGoMhc(1, 2).withBias(false),
            base.withGoMhc(2, 3).withBias(false).withTanhGelu(true),
            base.withGoMhc(3, 1).withBias(false));
    return configs.flatMap(c ->
        Stream.of(
            Arguments.of(c, DType.FLOAT32, KernelTable.AUTO),
            Arguments.of(c, DType.FLOAT32, "vector"),
            Arguments.of(c, DType.FLOAT64, "scalar")));
  }

  @ParameterizedTest
  @MethodSource("models")
  void lossGradientsAndTenSteps(GoldenConfig config, DType dtype, String kernels) {
    Map<String, double[]> params = GoldenParams.random(config, 11, 0.3);
    int[] x = tokens("x", config);
    int[] y = tokens("y", config);
    boolean exact = dtype == DType.FLOAT64;
    try (Engine engine =
        Engine.create(EngineConfig.defaults().withKernels(kernels).withThreads(2))) {
      Workspace ws = engine.workspace("step");
      Gpt gpt = new Gpt(config(config), new Parameters(engine, dtype, 1));
      assertEquals(params.keySet().size(), gpt.parameters().all().size());
      params.forEach((name, v) -> gpt.parameters().get(name).tensor().copyFrom(v));
      Tensor ids = engine.ids(x, BATCH, TIME);
      Tensor targets = engine.ids(y, BATCH, TIME);
      AdamW adamW =
          new AdamW(engine, gpt.parameters().all(), new AdamW.Options(BETA1, BETA2, EPS, DECAY));
      GoldenAdamW golden =
          new GoldenAdamW(GoldenParams.shapes(config), BETA1, BETA2, EPS, DECAY, CLIP);
      for (int step = 0; step < 10; step++) {
        var expected = new GoldenGpt(config, params).lossAndGradients(x, y, BATCH, TIME);
        Tape tape = engine.tape(ws);
        gpt.parameters().all().forEach(p -> tape.watch(p.tensor()));
        Tensor loss = gpt.loss(tape.ops(), ids, targets, DropoutKeys.OFF);
        Gradients gradients = tape.backward(loss);
        String at = "step " + step + " ";
        Numeric.assertClose(
            at + "loss", expected.loss(), loss.item(), Bound.absolute(exact ? 1e-11 : 1e-5));
        if (step == 0) {
          Numeric.assertAllClose(
              expected.gradients(),
              values(gpt, gradients),
              Bound.relativeToLargest(exact ? 1e-10 : 1e-4));
        }
        double norm = GradClip.globalNorm(engine.execution(ws), gpt.parameters().all(), gradients);
        double goldenNorm = golden.step(LR, params, expected.gradients());
        Numeric.assertClose(at + "norm", goldenNorm, norm, Bound.relative(exact ? 1e-10 : 1e-4));
        adamW.step(gradients, LR, GradClip.scale(norm, CLIP));
        ws.reset();
      }
    }
  }

  private static int[] tokens(String key, GoldenConfig config) {
    return Seeds.random("golden", key).ints((long) BATCH * TIME, 0, config.vocab()).toArray();
  }

  private static Map<String, double[]> values(Gpt gpt, Gradients gradients) {
    Map<String, double[]> all = new LinkedHashMap<>();
    for (Parameter p : gpt.parameters().all()) {
      all.put(p.name(), gradients.of(p.tensor()).toDoubleArray());
    }
    return all;
  }

  private static GptConfig config(GoldenConfig c) {
    ResidualConfig residual =
        c.hyper() ? ResidualConfig.goMhc(c.streams(), c.side()) : ResidualConfig.NONE;
    return new GptConfig(
        c.vocab(),
        c.block(),
        c.layers(),
        c.heads(),
        c.width(),
        c.bias(),
        c.tanhGelu(),
        c.tiedHead(),
        0,
        residual);
  }
}
