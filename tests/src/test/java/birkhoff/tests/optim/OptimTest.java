package birkhoff.tests.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.nn.Initializer;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.optim.AdamW;
import birkhoff.engine.optim.GradClip;
import birkhoff.engine.optim.LrSchedule;
import birkhoff.engine.optim.Sgd;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.golden.GoldenAdamW;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.Seeds;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OptimTest {
  private final Engine engine =
      Engine.create(EngineConfig.defaults().withThreads(2).withKernels("scalar"));

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void oneStepByHand() {
    var parameters = new Parameters(engine, DType.FLOAT64, 1);
    Tensor p = parameters.create("p", Initializer.constant(1), true, 1).tensor();
    Tensor g = engine.tensor(new double[] {1}, 1);
    var adamW = new AdamW(engine, parameters.all(), new AdamW.Options(0.9, 0.999, 0, 0.01));
    // Decay: 1·(1 - 0.1·0.01) = 0.999. Without eps the first step is lr·sign(g) = 0.1.
    adamW.step(t -> g, 0.1, 0.5);
    assertThat(p.item()).isCloseTo(0.899, within(1e-15));
    assertThat(adamW.moments(0).first().item()).isCloseTo(0.05, within(1e-16));
    assertThat(adamW.moments(0).second().item()).isCloseTo(0.00025, within(1e-18));
    assertThat(adamW.steps()).isEqualTo(1);
  }

  @Test
  void tenStepsLikeTheGoldenOptimizer() {
    Map<String, int[]> shapes = new LinkedHashMap<>();
    shapes.put("matrix", new int[] {40, 1000});
    shapes.put("vector", new int[] {7});
    var parameters = new Parameters(engine, DType.FLOAT64, 3);
    Map<String, double[]> params = new LinkedHashMap<>();
    shapes.forEach((name, s) -> {
      long[] shape = java.util.Arrays.stream(s).asLongStream().toArray();
      Parameter p = parameters.create(name, Initializer.normal(1), s.length >= 2, shape);
      params.put(name, p.tensor().toDoubleArray());
    });
    var golden = new GoldenAdamW(shapes, 0.9, 0.95, 1e-8, 0.1, 1.5);
    var adamW = new AdamW(engine, parameters.all(), new AdamW.Options(0.9, 0.95, 1e-8, 0.1));
    for (int step = 0; step < 10; step++) {
      Map<String, double[]> gradients = new LinkedHashMap<>();
      Map<Tensor, Tensor> tensors = new java.util.IdentityHashMap<>();
      for (Parameter p : parameters.all()) {
        Tensor g = engine.zeros(DType.FLOAT64, p.tensor().shape().toArray());
        double scale = step < 5 ? 1 : 1e-4;
        double[] values = Seeds.random(p.name(), step).doubles(g.count(), -scale, scale).toArray();
        tensors.put(p.tensor(), g.copyFrom(values));
        gradients.put(p.name(), values);
      }
      Gradients found = tensors::get;
      double expected = golden.step(0.01, params, gradients);
      try (var ws = engine.workspace("clip")) {
        double norm = GradClip.globalNorm(engine.execution(ws), parameters.all(), found);
        assertThat(norm).isCloseTo(expected, within(1e-12 * expected));
        adamW.step(found, 0.01, GradClip.scale(norm, 1.5));
      }
    }
    Map<String, double[]> got = new LinkedHashMap<>();
    parameters.all().forEach(p -> got.put(p.name(), p.tensor().toDoubleArray()));
    Numeric.assertAllClose(params, got, Bound.absolute(1e-13));
    Numeric.assertClose(
        "first moment",
        golden.firstMoment("matrix"),
        adamW.moments(0).first().toDoubleArray(),
        Bound.absolute(1e-14));
    Numeric.assertClose(
        "second moment",
        golden.secondMoment("matrix"),
        adamW.moments(0).second().toDoubleArray(),
        Bound.absolute(1e-14));
  }

  @Test
  void aFailedStepDoesNotCount() {
    var parameters = new Parameters(engine, DType.FLOAT64, 1);
    parameters.create("p", Initializer.constant(1), true, 1);
    var adamW = new AdamW(engine, parameters.all(), AdamW.Options.DEFAULT);
    assertThatThrownBy(() ->
            adamW.step(
                t -> {
                  throw new IllegalStateException("no gradient");
                },
                1,
                1))
        .isInstanceOf(IllegalStateException.class);
    assertThat(adamW.steps()).isZero();
    assertThatThrownBy(() -> new AdamW.Options(1, 0.9, 1e-8, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("beta1=1.0");
  }

  @Test
  void clippingScalesDownOnly() {
    assertThat(GradClip.scale(0.5, 1)).isEqualTo(1);
    assertThat(GradClip.scale(4, 1)).isCloseTo(0.25, within(1e-6));
    assertThat(GradClip.scale(4, 0)).isEqualTo(1);
    assertThat(GradClip.scale(Double.NaN, 1)).isNaN();
  }

  @Test
  void warmUpCosineAndFloor() {
    LrSchedule s = LrSchedule.cosine(1, 0.1, 10, 110);
    assertThat(s.at(0)).isEqualTo(1.0 / 11);
    assertThat(s.at(9)).isEqualTo(10.0 / 11);
    assertThat(s.at(10)).isEqualTo(1);
    assertThat(s.at(60)).isCloseTo(0.55, within(1e-15));
    assertThat(s.at(110)).isEqualTo(0.1);
    assertThat(s.at(100_000)).isEqualTo(0.1);
    assertThat(LrSchedule.constant(0.3).at(7)).isEqualTo(0.3);
    assertThat(LrSchedule.cosine(1, 0.1, 10, 5).at(10)).isEqualTo(0.1);
  }

  @Test
  void otherSchedules() {
    LrSchedule linear = LrSchedule.linear(1, 0.2, 10, 110);
    assertThat(linear.at(4)).isEqualTo(5.0 / 11);
    assertThat(linear.at(10)).isEqualTo(1);
    assertThat(linear.at(60)).isCloseTo(0.6, within(1e-15));
    assertThat(linear.at(110)).isEqualTo(0.2);
    assertThat(linear.at(1000)).isEqualTo(0.2);
    LrSchedule wsd = LrSchedule.warmupStableDecay(1, 0.2, 10, 110, 20);
    assertThat(wsd.at(0)).isEqualTo(1.0 / 11);
    assertThat(wsd.at(11)).isEqualTo(1);
    assertThat(wsd.at(90)).isEqualTo(1);
    assertThat(wsd.at(100)).isCloseTo(0.6, within(1e-15));
    assertThat(wsd.at(110)).isEqualTo(0.2);
    // A decay longer than what follows the warm-up begins there.
    LrSchedule all = LrSchedule.warmupStableDecay(1, 0, 10, 110, 1000);
    assertThat(all.at(60)).isCloseTo(0.5, within(1e-15));
    LrSchedule constant = LrSchedule.warmup(1, 10, LrSchedule.constant(1));
    assertThat(constant.at(0)).isEqualTo(1.0 / 11);
    assertThat(constant.at(10_000)).isEqualTo(1);
  }

  @Test
  void gradientDescentByHand() {
    var parameters = new Parameters(engine, DType.FLOAT64, 1);
    Tensor p = parameters.create("p", Initializer.constant(1), true, 1).tensor();
    Tensor q = parameters.create("q", Initializer.constant(1), false, 1).tensor();
    Tensor g = engine.tensor(new double[] {2}, 1);
    var sgd = new Sgd(engine, parameters.all(), new Sgd.Options(0.5, 0.1));
    sgd.step(t -> g, 0.1, 0.5);
    // Momentum 1; decay 1 - 0.01.
    assertThat(p.item()).isCloseTo(0.99 - 0.1, within(1e-15));
    assertThat(q.item()).isCloseTo(1 - 0.1, within(1e-15));
    sgd.step(t -> g, 0.1, 0.5);
    assertThat(p.item()).isCloseTo(0.99 * 0.89 - 0.15, within(1e-15));
    assertThat(q.item()).isCloseTo(0.9 - 0.15, within(1e-15));
    assertThat(sgd.state().get("q.momentum_buffer").item()).isCloseTo(1.5, within(1e-15));
    assertThat(sgd.steps()).isEqualTo(2);
    assertThatThrownBy(() -> new Sgd.Options(-0.1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("momentum=-0.1");
  }

  @Test
  void parametersHaveNamesAndStartingValuesOfTheirOwn() {
    var a = new Parameters(engine, DType.FLOAT32, 5);
    Parameter first = a.create("a", Initializer.normal(0.02), true, 300, 200);
    Parameter second = a.create("b", Initializer.normal(0.02), false, 300, 200);
    float[] values = first.tensor().toFloatArray();
    assertThat(second.tensor().toFloatArray()).isNotEqualTo(values);
    double mean = 0;
    double square = 0;
    for (float v : values) {
      mean += v / values.length;
      square += (double) v * v / values.length;
    }
    assertThat(mean).isCloseTo(0, within(5 * 0.02 / Math.sqrt(values.length)));
    assertThat(Math.sqrt(square)).isCloseTo(0.02, within(0.0004));
    try (Engine other = Engine.create(EngineConfig.defaults().withThreads(3))) {
      var same = new Parameters(other, DType.FLOAT32, 5);
      Tensor t = same.create("a", Initializer.normal(0.02), true, 300, 200).tensor();
      Numeric.assertSameBits("a", values, t.toFloatArray());
      var reseeded = new Parameters(other, DType.FLOAT32, 6);
      assertThat(
              reseeded
                  .create("a", Initializer.normal(0.02), true, 300, 200)
                  .tensor()
                  .toFloatArray())
          .isNotEqualTo(values);
    }
    Parameter ones = a.create("ones", Initializer.constant(1), false, 3);
    assertThat(ones.tensor().toFloatArray()).containsOnly(1);
    assertThat(a.count()).isEqualTo(120_003);
    assertThat(a.all()).extracting(Parameter::name).containsExactly("a", "b", "ones");
    assertThat(a.get("b")).isEqualTo(second);
    assertThatThrownBy(() -> a.create("a", Initializer.constant(0), true, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'a'");
    assertThatThrownBy(() -> a.get("c"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'c'", "[a, b, ones]");
    assertThatThrownBy(() -> new Parameter("t", first.tensor().t(), true))
        .hasMessageContainingAll("'t'", "strided");
  }
}
