package birkhoff.tests.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.nn.Initializer;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.optim.AdamW;
import birkhoff.engine.optim.Muon;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.Seeds;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoldenMuonTest {
  private static final double MOMENTUM = 0.9;
  private static final double DECAY = 0.1;
  private static final AdamW.Options OTHERS = new AdamW.Options(0.9, 0.95, 1e-8, DECAY);

  /** Wide, tall, square, three pieces, and two of one size, which are worked on together. */
  private static Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put("wide", new long[] {5, 12});
    shapes.put("tall", new long[] {20, 6});
    shapes.put("pieces", new long[] {24, 8});
    shapes.put("square", new long[] {8, 8});
    shapes.put("row", new long[] {1, 7});
    shapes.put("other", new long[] {3, 4});
    return shapes;
  }

  private static List<Muon.Hidden> hidden(Parameters parameters) {
    return parameters.all().stream()
        .filter(p -> !p.name().equals("other"))
        .map(p -> new Muon.Hidden(p, p.name().equals("pieces") ? 3 : 1))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"FLOAT64, scalar, 1e-12", "FLOAT32, vector, 2e-5", "FLOAT32, auto, 2e-5"})
  void fiveStepsAreThoseOfThePlainLoops(DType dtype, String kernels, double error) {
    var config = EngineConfig.defaults().withThreads(2).withKernels(kernels);
    try (var engine = Engine.create(config)) {
      var parameters = new Parameters(engine, dtype, 3);
      shapes().forEach((name, s) -> parameters.create(name, Initializer.normal(1), true, s));
      var muon =
          new Muon(
              engine,
              parameters.all(),
              hidden(parameters),
              new Muon.Options(MOMENTUM, DECAY),
              OTHERS);
      Map<String, double[]> expected = new LinkedHashMap<>();
      Map<String, GoldenMuon[]> golden = new LinkedHashMap<>();
      for (Muon.Hidden h : hidden(parameters)) {
        Tensor t = h.parameter().tensor();
        expected.put(h.parameter().name(), t.toDoubleArray());
        var pieces = new GoldenMuon[h.pieces()];
        Arrays.setAll(
            pieces, k -> new GoldenMuon((int) t.size(0) / h.pieces(), (int) t.size(1), MOMENTUM));
        golden.put(h.parameter().name(), pieces);
      }
      var adamW = new GoldenAdamW(Map.of("other", new int[] {3, 4}), 0.9, 0.95, 1e-8, DECAY, 0);
      Map<String, double[]> other = new LinkedHashMap<>();
      other.put("other", parameters.get("other").tensor().toDoubleArray());
      for (int step = 0; step < 5; step++) {
        Map<Tensor, Tensor> gradients = new IdentityHashMap<>();
        Map<String, double[]> scaled = new LinkedHashMap<>();
        for (Parameter p : parameters.all()) {
          Tensor t = engine.zeros(dtype, p.tensor().shape().toArray());
          t.copyFrom(gradient(p.name(), step, (int) t.count()));
          gradients.put(p.tensor(), t);
          scaled.put(p.name(), Arrays.stream(t.toDoubleArray()).map(g -> 0.5 * g).toArray());
        }
        muon.step(gradients::get, 0.02, 0.5);
        golden.forEach((name, g) -> step(g, expected.get(name), scaled.get(name)));
        adamW.step(0.02, other, Map.of("other", scaled.get("other")));
      }
      expected.putAll(other);
      expected.forEach((name, values) ->
          Numeric.assertClose(
              name,
              values,
              parameters.get(name).tensor().toDoubleArray(),
              Bound.absolute(error * 5)));
      assertThat(muon.steps()).isEqualTo(5);
      assertThat(muon.state().keySet())
          .contains("wide.momentum_buffer", "pieces.momentum_buffer", "other.exp_avg")
          .doesNotContain("wide.exp_avg", "other.momentum_buffer");
      Numeric.assertClose(
          "buffer",
          golden.get("tall")[0].buffer(),
          muon.state().get("tall.momentum_buffer").toDoubleArray(),
          Bound.absolute(error));
    }
  }

  private static double[] gradient(String name, int step, int count) {
    return Seeds.random(name, step).doubles(count, -1, 1).toArray();
  }

  private static void step(GoldenMuon[] pieces, double[] p, double[] g) {
    int n = p.length / pieces.length;
    for (int k = 0; k < pieces.length; k++) {
      double[] own = Arrays.copyOfRange(p, k * n, (k + 1) * n);
      pieces[k].step(own, Arrays.copyOfRange(g, k * n, (k + 1) * n), 0.02, DECAY);
      System.arraycopy(own, 0, p, k * n, n);
    }
  }

  /** Singular values of a product of rotations with a diagonal matrix are known. */
  @Test
  void singularValuesComeNearOne() {
    double[] x = {0.8, 0, 0, 0, 0, 0, 0.6, 0, 0, 0, 0, 0.05};
    double[] y = GoldenMuon.orthogonal(x, 3, 4);
    assertThat(y[0]).isCloseTo(1, within(0.31));
    assertThat(y[6]).isCloseTo(1, within(0.31));
    assertThat(y[11]).isCloseTo(1, within(0.31));
    assertThat(y[1]).isZero();
  }

  @Test
  void aZeroGradientChangesNothingButTheDecay() {
    try (var engine = Engine.create(EngineConfig.defaults().withThreads(1))) {
      var parameters = new Parameters(engine, DType.FLOAT32, 3);
      Parameter p = parameters.create("p", Initializer.constant(1), true, 4, 6);
      var options = new Muon.Options(MOMENTUM, DECAY);
      var muon =
          new Muon(engine, parameters.all(), List.of(new Muon.Hidden(p, 1)), options, OTHERS);
      Tensor zero = engine.zeros(DType.FLOAT32, 4, 6);
      muon.step(t -> zero, 0.5, 1);
      assertThat(p.tensor().toFloatArray()).containsOnly(0.95f);
    }
  }

  @Test
  void whatIsNoMatrixIsRefused() {
    try (var engine = Engine.create(EngineConfig.defaults().withThreads(1))) {
      var parameters = new Parameters(engine, DType.FLOAT32, 3);
      Parameter vector = parameters.create("v", Initializer.constant(1), true, 4);
      Parameter matrix = parameters.create("m", Initializer.constant(1), true, 4, 6);
      assertThatThrownBy(() -> new Muon.Hidden(vector, 1)).hasMessageContaining("parameter v");
      assertThatThrownBy(() -> new Muon.Hidden(matrix, 3)).hasMessageContaining("3 pieces");
      assertThatThrownBy(() -> new Muon.Options(1, 0)).hasMessageContaining("momentum=1.0");
    }
  }
}
