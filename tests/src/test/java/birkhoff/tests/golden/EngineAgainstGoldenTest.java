package birkhoff.tests.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.op.Ops;
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
import birkhoff.transformer.residual.ResidualStreams;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The engine's GPT with every kind of residual against the oracle: logits, streams and mixers after
 * every sublayer, loss, every gradient and ten clipped AdamW steps, in float32 with the fast
 * kernels and in float64 with the scalar ones.
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

  record Model(GoldenConfig golden, ResidualConfig residual) {
    static Model of(GoldenConfig plain, ResidualConfig residual) {
      return new Model(plain.withResidual(GoldenResiduals.of(residual)), residual);
    }
  }

  static Stream<Arguments> models() {
    var base = GoldenConfig.plain(13, 11, 2, 3, 12);
    Stream<Model> choices =
        Stream.of(
            Model.of(base.withBias(false).withTanhGelu(true), ResidualConfig.NONE),
            Model.of(base.withOwnHead(), ResidualConfig.NONE),
            Model.of(base.withOwnHead(), ResidualConfig.goMhc(4, 2)),
            Model.of(base.withBias(false), ResidualConfig.goMhc(1, 2)),
            Model.of(base.withBias(false).withTanhGelu(true), ResidualConfig.goMhc(2, 3)),
            Model.of(base.withBias(false), ResidualConfig.goMhc(3, 1)));
    Stream<Model> kinds = GoldenResiduals.all().stream().map(r -> Model.of(base, r));
    return Stream.concat(choices, kinds)
        .flatMap(m ->
            Stream.of(
                Arguments.of(m, DType.FLOAT32, KernelTable.AUTO),
                Arguments.of(m, DType.FLOAT32, "vector"),
                Arguments.of(m, DType.FLOAT64, "scalar")));
  }

  @Test
  void noKindIsLeftOut() {
    assertThat(GoldenResiduals.all().stream().map(ResidualConfig::type).distinct())
        .containsExactlyInAnyOrderElementsOf(ResidualStreams.types());
  }

  @ParameterizedTest
  @MethodSource("models")
  void activationsGradientsAndTenSteps(Model model, DType dtype, String kernels) {
    GoldenConfig config = model.golden();
    Map<String, double[]> params = GoldenParams.random(config, 11, 0.3);
    int[] x = tokens("x", config);
    int[] y = tokens("y", config);
    boolean exact = dtype == DType.FLOAT64;
    try (Engine engine =
        Engine.create(EngineConfig.defaults().withKernels(kernels).withThreads(2))) {
      Workspace ws = engine.workspace("step");
      Gpt gpt = new Gpt(config(model), new Parameters(engine, dtype, 1));
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
        if (step == 0) {
          checkForward(gpt, engine.ops(ws), ids, expected, exact);
        }
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

  /** Logits, and what every sublayer leaves behind. */
  private static void checkForward(
      Gpt gpt, Ops ops, Tensor ids, GoldenGpt.Result expected, boolean exact) {
    Bound bound = Bound.relativeToLargest(exact ? 1e-10 : 1e-4);
    Numeric.assertClose("logits", expected.logits(), gpt.logits(ops, ids).toDoubleArray(), bound);
    Map<String, double[]> seen = new LinkedHashMap<>();
    Tensor last =
        gpt.hidden(
            ops,
            ids,
            DropoutKeys.OFF,
            (sublayer, mixer, streams) -> {
              String h = "transformer.h." + sublayer / 2;
              String branch = sublayer % 2 == 0 ? "attn" : "mlp";
              Tensor byToken = ops.contiguous(ops.transpose(mixer, 0, 1));
              seen.put(h + "." + branch, streams.toDoubleArray());
              seen.put(h + ".hc_" + branch + ".mixer", byToken.toDoubleArray());
            });
    seen.put("final", last.toDoubleArray());
    assertThat(seen).hasSize(gpt.config().residual().type().equals("none") ? 1 : 9);
    seen.forEach(
        (name, v) -> Numeric.assertClose(name, expected.activations().get(name), v, bound));
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

  private static GptConfig config(Model model) {
    GoldenConfig c = model.golden();
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
        model.residual());
  }
}
