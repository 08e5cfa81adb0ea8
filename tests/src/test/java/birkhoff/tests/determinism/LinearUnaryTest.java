package birkhoff.tests.determinism;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A function applied piece by piece inside a product gives the bits of the function applied to the
 * product's result, with every provider and any number of threads.
 */
class LinearUnaryTest {
  /** Rows, in, out: one task, edges of every kind, several tasks, several blocks of depth. */
  private static final int[][] SIZES = {{3, 4, 5}, {130, 70, 97}, {600, 96, 384}, {520, 1040, 200}};

  static Stream<Arguments> cases() {
    var probes = KernelTable.resolve(KernelTable.AUTO, KernelOptions.DEFAULT).probes();
    List<String> kernels = new ArrayList<>(List.of(KernelTable.AUTO));
    probes.keySet().stream().filter(name -> probes.get(name).available()).forEach(kernels::add);
    return kernels.stream().flatMap(k -> Stream.of(SIZES).map(size -> Arguments.of(k, size)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void bitsAreThoseOfTwoOperations(String kernels, int[] size) {
    Map<String, float[]> expected = run(kernels, size, 1, false);
    for (int threads = 1; threads <= 4; threads++) {
      Map<String, float[]> got = run(kernels, size, threads, true);
      for (String name : expected.keySet()) {
        Numeric.assertSameBits(threads + " threads: " + name, expected.get(name), got.get(name));
      }
    }
    assertThat(expected.get("y")).hasSize(size[0] * size[2]);
  }

  private static Map<String, float[]> run(String kernels, int[] size, int threads, boolean fused) {
    var config = EngineConfig.defaults().withThreads(threads).withKernels(kernels);
    try (Engine engine = Engine.create(config);
        Workspace workspace = engine.workspace("test")) {
      Tensor x = draw(engine, "x", size[0], size[1]);
      Tensor weight = draw(engine, "weight", size[2], size[1]);
      Tensor bias = draw(engine, "bias", size[2]);
      Tape tape = engine.tape(workspace);
      List.of(x, weight, bias).forEach(tape::watch);
      Ops ops = tape.ops();
      Tensor y =
          fused
              ? ops.linearUnary(UnaryOp.GELU_TANH, x, weight, bias)
              : ops.geluTanh(ops.linear(x, weight, bias));
      Map<String, float[]> results = new LinkedHashMap<>();
      results.put("y", y.toFloatArray());
      Tensor loss = ops.sum(ops.square(y));
      // Worked out again for the gradient.
      ops.forget(y);
      Gradients gradients = tape.backward(loss);
      results.put("x's gradient", gradients.of(x).toFloatArray());
      results.put("weight's gradient", gradients.of(weight).toFloatArray());
      results.put("bias's gradient", gradients.of(bias).toFloatArray());
      return results;
    }
  }

  private static Tensor draw(Engine engine, String name, int... shape) {
    int count = 1;
    long[] sizes = new long[shape.length];
    for (int i = 0; i < shape.length; i++) {
      count *= shape[i];
      sizes[i] = shape[i];
    }
    return engine.tensor(RandomArrays.floats(Seeds.random(name), count, 1), sizes);
  }
}
