package birkhoff.tests.mixing;

import static birkhoff.tests.support.RandomArrays.floats;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.nn.LayerNorm;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.MixerMap;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.Seeds;
import birkhoff.transformer.residual.GoMhc;
import birkhoff.transformer.residual.ResidualConfig;
import birkhoff.transformer.residual.ResidualStream;
import birkhoff.transformer.residual.ResidualStreams;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Start values, decay groups, determinism and learning of go-mHC residual streams. */
class HyperConnectionsTest {
  private static final int WIDTH = 12;
  private static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f");

  private static Parameters parameters(Engine engine, int d, int s) {
    var p = new Parameters(engine, DType.FLOAT32, 7);
    ResidualStreams.create(p, ResidualConfig.goMhc(d, s), WIDTH, NAMES);
    return p;
  }

  @Test
  void startValues() {
    try (var engine = Engine.create()) {
      Parameters p = parameters(engine, 4, 2);
      assertThat(p.all()).hasSize(3 * NAMES.size());
      for (int i = 0; i < NAMES.size(); i++) {
        Parameter generator = p.get(NAMES.get(i) + ".generator.weight");
        assertThat(generator.tensor().shape().toString()).isEqualTo("[36, 48]");
        assertThat(generator.tensor().toFloatArray()).containsOnly(0);
        assertThat(generator.decay()).isTrue();
        Parameter gate = p.get(NAMES.get(i) + ".gate");
        assertThat(gate.tensor().toFloatArray()).containsExactly(.01f, .01f, .01f);
        assertThat(gate.decay()).isFalse();
        Parameter bias = p.get(NAMES.get(i) + ".bias");
        assertThat(bias.decay()).isFalse();
        float[] b = bias.tensor().toFloatArray();
        for (int k = 0; k < 8; k++) {
          assertThat(b[k]).as("bias %d of sublayer %d", k, i).isEqualTo(k % 4 == i % 4 ? 1 : -1);
        }
      }
      assertThat(p.get("a.bias").tensor().get(8)).isNotEqualTo(p.get("b.bias").tensor().get(8));
    }
  }

  /** The off-diagonal mass of fresh mixers is what was asked for, on average over many draws. */
  @Test
  void freshMixersHaveTheWantedMassOffTheDiagonal() {
    try (var engine = Engine.create()) {
      for (int[] n : new int[][] {{4, 2}, {2, 1}, {8, 2}, {4, 3}}) {
        int d = n[0];
        var mixer = new GoMhc(d, n[1], 0.006);
        int tokens = 4000;
        Tensor z = engine.zeros(DType.FLOAT64, mixer.parameters(), tokens);
        mixer.start(0).fill(z, 3, 5, 0, z.count());
        Ops ops = engine.ops(engine.workspace("mass"));
        Tensor h = mixer.mix(ops, z);
        double off = 0;
        for (int i = 0; i < d; i++) {
          for (int t = 0; t < tokens; t++) {
            off += (1 - h.get((long) i * d + i, t)) / (d * tokens);
          }
        }
        // Second order is a few percent lower; the mean of 4000 draws is within 3 %.
        assertThat(off).as("d=%d s=%d", d, n[1]).isCloseTo(0.006, within(0.0004));
      }
    }
  }

  @Test
  void theDeadPointIsRefused() {
    assertThatThrownBy(() -> new GoMhc(4, 2, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hyper_conn_init_eps");
  }

  /** Output and all gradients of a pass through six sublayers. */
  private static Map<String, float[]> run(int threads, String kernels, int d, int s) {
    return run(threads, kernels, ResidualConfig.goMhc(d, s));
  }

  private static Map<String, float[]> run(int threads, String kernels, ResidualConfig kind) {
    int d = kind.streams();
    Map<String, float[]> out = new LinkedHashMap<>();
    var config = EngineConfig.defaults().withThreads(threads).withKernels(kernels);
    try (var engine = Engine.create(config)) {
      var p = new Parameters(engine, DType.FLOAT32, 7);
      ResidualStream residual = ResidualStreams.create(p, kind, WIDTH, NAMES);
      var norm = new LayerNorm(p, "norm", WIDTH, true);
      for (Parameter q : p.all()) {
        if (q.decay()) {
          q.tensor().copyFrom(floats(Seeds.random(q.name(), d), (int) q.tensor().count(), .3));
        } else if (q.name().endsWith(".gate")) {
          for (long i = 0; i < q.tensor().count(); i++) {
            q.tensor().set(.5 - .1 * i, i);
          }
        }
      }
      Tape tape = engine.tape(engine.workspace("step"));
      Tensor x = engine.zeros(DType.FLOAT32, 3, 67, WIDTH);
      x.copyFrom(floats(Seeds.random("x", d), (int) x.count(), 1));
      tape.watch(x);
      p.all().forEach(q -> tape.watch(q.tensor()));
      Ops ops = tape.ops();
      var pass = residual.begin(ops, x);
      for (int i = 0; i < NAMES.size(); i++) {
        pass.sublayer(i, norm, ops::tanh);
      }
      Tensor y = pass.finish(norm);
      out.put("y", y.toFloatArray());
      Gradients g = tape.backward(ops.mean(ops.square(ops.add(y, x))));
      out.put("x", g.of(x).toFloatArray());
      p.all().forEach(q -> out.put(q.name(), g.of(q.tensor()).toFloatArray()));
    }
    return out;
  }

  static Stream<ResidualConfig> kinds() {
    return Stream.of(
        ResidualConfig.goMhc(4, 2),
        ResidualConfig.goMhc(3, 1).withFullSkew(true).withGuard(1.4),
        ResidualConfig.of("identity", 4),
        ResidualConfig.of("unconstrained", 4),
        ResidualConfig.of("hc", 4),
        ResidualConfig.of("mhc", 4),
        ResidualConfig.of("mhc_lite", 4),
        ResidualConfig.of("kromhc", 6),
        ResidualConfig.of("go_kromhc", 8));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void sameBitsForEveryThreadCount(ResidualConfig kind) {
    Map<String, float[]> one = run(1, "auto", kind);
    for (int threads = 2; threads <= 4; threads++) {
      Map<String, float[]> many = run(threads, "auto", kind);
      one.forEach((name, bits) -> Numeric.assertSameBits(name, bits, many.get(name)));
    }
  }

  @Test
  void mixersLearnFromTheFirstStep() {
    for (int[] n : new int[][] {{2, 1}, {4, 2}}) {
      Map<String, float[]> gradients = run(2, "auto", n[0], n[1]);
      for (String name : NAMES.subList(1, NAMES.size())) {
        // Behind the first sublayer streams differ, so mixing them matters.
        float[] bias = gradients.get(name + ".bias");
        assertThat(bias[bias.length - 1]).as(name).isNotZero().isFinite();
      }
    }
  }

  /** Gradients of gates are sums over all tokens that nearly cancel. */
  @ParameterizedTest
  @MethodSource("kinds")
  void vectorAgreesWithScalar(ResidualConfig kind) {
    Map<String, float[]> fast = run(2, "auto", kind);
    run(2, "scalar", kind)
        .forEach((name, expected) ->
            Numeric.assertClose(
                name,
                expected,
                fast.get(name),
                birkhoff.tests.support.Bound.relativeToLargest(4e-4)));
  }

  @Test
  void oneStreamIsAResidualStreamWithGates() {
    Map<String, float[]> out = run(1, "auto", 1, 1);
    assertThat(out.get("a.bias")).hasSize(2);
    try (var engine = Engine.create()) {
      Tensor z = engine.zeros(DType.FLOAT32, 0, 5);
      Tensor h =
          engine.ops(engine.workspace("one"))
              .apply(new MixerMap(new MixerShape.Cayley(1, 1)), z)[0];
      assertThat(h.toFloatArray()).containsExactly(1, 1, 1, 1, 1);
    }
  }
}
