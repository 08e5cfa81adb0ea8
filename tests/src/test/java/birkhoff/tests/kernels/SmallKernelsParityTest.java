package birkhoff.tests.kernels;

import static birkhoff.tests.kernels.KernelBounds.U;
import static birkhoff.tests.support.GuardedMemory.floats;
import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.Embedding;
import birkhoff.engine.kernel.OptimizerStep;
import birkhoff.engine.kernel.RandomMask;
import birkhoff.engine.kernel.scalar.ScalarEmbedding;
import birkhoff.engine.kernel.scalar.ScalarOptimizerStep;
import birkhoff.engine.kernel.scalar.ScalarRandomMask;
import birkhoff.engine.kernel.vector.VectorEmbedding;
import birkhoff.engine.kernel.vector.VectorOptimizerStep;
import birkhoff.engine.kernel.vector.VectorRandomMask;
import birkhoff.engine.rng.DropoutMask;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SmallKernelsParityTest {
  @Test
  void embedding() {
    Embedding scalar = new ScalarEmbedding(DType.FLOAT32);
    Embedding vector = new VectorEmbedding();
    for (int cols : Campaign.sizes("embedding", 1, 15, 16, 17, 64, 131)) {
      var random = Seeds.random("embedding", cols);
      int vocab = 7;
      int rows = 12;
      try (var memory = new GuardedMemory()) {
        float[] table = RandomArrays.floats(random, vocab * cols, 1);
        var t = memory.of(table);
        var ids = memory.of(RandomArrays.tokens(random, rows, vocab));
        var positions = memory.of(RandomArrays.floats(random, 5 * cols, 1));
        var g = memory.of(RandomArrays.floats(random, rows * cols, 1));
        var expected = memory.unwrittenFloats(rows * cols);
        var got = memory.unwrittenFloats(rows * cols);
        scalar.gather(t, ids, expected, cols, 2, rows);
        vector.gather(t, ids, got, cols, 2, rows);
        Numeric.assertSameBits("gather", floats(expected), floats(got));
        scalar.gatherAddPosition(t, ids, positions, 5, expected, cols, 1, rows - 1);
        vector.gatherAddPosition(t, ids, positions, 5, got, cols, 1, rows - 1);
        Numeric.assertSameBits("gatherAddPosition", floats(expected), floats(got));
        var into = memory.of(table);
        scalar.scatterAdd(g, ids, t, rows, cols, cols / 3, cols);
        vector.scatterAdd(g, ids, into, rows, cols, cols / 3, cols);
        Numeric.assertSameBits("scatterAdd", floats(t), floats(into));
      }
    }
  }

  @Test
  void dropout() {
    RandomMask scalar = new ScalarRandomMask(DType.FLOAT32);
    RandomMask vector = new VectorRandomMask();
    int n = 700;
    var random = Seeds.random("dropout");
    float[] x = RandomArrays.floats(random, n, 1);
    float[] before = RandomArrays.floats(random, n, 1);
    for (double p : new double[] {0, 0.1, 0.5, 0.999, 1}) {
      for (int[] block : new int[][] {{0, n}, {0, 64}, {64, 640}, {3, 50}, {60, 70}, {5, 700}}) {
        for (boolean accumulate : new boolean[] {false, true}) {
          try (var memory = new GuardedMemory()) {
            var in = memory.of(x);
            var expected = memory.of(before);
            var got = memory.of(before);
            scalar.dropout(in, expected, p, 0xC0FFEE_12345678L, accumulate, block[0], block[1]);
            vector.dropout(in, got, p, 0xC0FFEE_12345678L, accumulate, block[0], block[1]);
            // One rounding of 1/(1-p), one of the product, one of the sum.
            Bound bound =
                (i, e, largest) -> e == 0 ? 0 : 2.01 * U * Math.abs(x[i] / (1 - p)) + Bound.ulp(e);
            Numeric.assertClose("dropout " + p, floats(expected), floats(got), bound);
          }
        }
      }
    }
  }

  @Test
  void dropoutKeepsItsShare() {
    int n = 1 << 16;
    float[] ones = new float[n];
    Arrays.fill(ones, 1);
    try (var memory = new GuardedMemory()) {
      var in = memory.of(ones);
      var out = memory.unwrittenFloats(n);
      new VectorRandomMask().dropout(in, out, 0.2, 5, false, 0, n);
      int kept = 0;
      int[] words = new int[4];
      float[] y = floats(out);
      for (int i = 0; i < n; i++) {
        boolean keep = DropoutMask.kept(5, DropoutMask.threshold(0.2), i, words);
        assertThat(y[i]).isEqualTo(keep ? 1.25f : 0f);
        kept += keep ? 1 : 0;
      }
      // Five standard deviations.
      assertThat(Math.abs(kept - 0.8 * n)).isLessThan(5 * Math.sqrt(n * 0.16));
    }
  }

  @Test
  void adamW() {
    OptimizerStep scalar = new ScalarOptimizerStep(DType.FLOAT32);
    OptimizerStep vector = new VectorOptimizerStep();
    for (int[] block : new int[][] {{0, 0}, {0, 1}, {0, 16}, {3, 40}, {0, 1009}}) {
      int n = block[1];
      for (long step : new long[] {1, 1000}) {
        var random = Seeds.random("adamW", n, step);
        var k = OptimizerStep.AdamWCoefficients.of(0.3, 1e-3, 0.1, 0.9, 0.99, 1e-8, step);
        float[] p = RandomArrays.floats(random, n, 1);
        float[] g = RandomArrays.floats(random, n, 1);
        float[] m = RandomArrays.floats(random, n, 0.1);
        float[] v = RandomArrays.floats(random, n, 0.1);
        for (int i = 0; i < n; i++) {
          v[i] = i % 5 == 0 ? 0 : Math.abs(v[i]);
          g[i] = i % 10 == 0 ? 0 : g[i];
        }
        try (var memory = new GuardedMemory()) {
          var grad = memory.of(g);
          var a = new java.lang.foreign.MemorySegment[] {memory.of(p), memory.of(m), memory.of(v)};
          var b = new java.lang.foreign.MemorySegment[] {memory.of(p), memory.of(m), memory.of(v)};
          scalar.adamW(a[0], grad, a[1], a[2], k, block[0], block[1]);
          vector.adamW(b[0], grad, b[1], b[2], k, block[0], block[1]);
          Bound mBound = (i, e, largest) -> 4 * U * momentum(k, m[i], g[i]);
          Numeric.assertClose("m", floats(a[1]), floats(b[1]), mBound);
          Numeric.assertClose("v", floats(a[2]), floats(b[2]), Bound.relative(5 * U));
          float[] second = floats(a[2]);
          Bound bound =
              (i, e, largest) -> {
                double denominator = Math.sqrt(second[i]) * k.rsqrtBias2() + k.eps();
                double update = k.stepSize() * momentum(k, m[i], g[i]) / denominator;
                return 2 * U * Math.abs(p[i]) + U * Math.abs(e) + 14 * U * update;
              };
          Numeric.assertClose("param", floats(a[0]), floats(b[0]), bound);
        }
      }
    }
  }

  @Test
  void blend() {
    OptimizerStep scalar = new ScalarOptimizerStep(DType.FLOAT32);
    OptimizerStep vector = new VectorOptimizerStep();
    for (int[] block : new int[][] {{0, 0}, {0, 1}, {0, 16}, {3, 40}, {0, 1009}}) {
      var random = Seeds.random("blend", block[1]);
      float[] t = RandomArrays.floats(random, block[1], 1);
      float[] s = RandomArrays.floats(random, block[1], 1);
      try (var memory = new GuardedMemory()) {
        var source = memory.of(s);
        var expected = memory.of(t);
        var got = memory.of(t);
        scalar.blend(expected, 0.95, source, -0.3, block[0], block[1]);
        vector.blend(got, 0.95, source, -0.3, block[0], block[1]);
        Bound bound = (i, e, largest) -> 3 * U * (0.95 * Math.abs(t[i]) + 0.3 * Math.abs(s[i]));
        Numeric.assertClose("target", floats(expected), floats(got), bound);
        // Onto itself, as scaling does.
        scalar.blend(expected, 0.5, expected, 0, block[0], block[1]);
        vector.blend(got, 0.5, got, 0, block[0], block[1]);
        Numeric.assertClose("scaled", floats(expected), floats(got), bound);
      }
    }
  }

  private static double momentum(OptimizerStep.AdamWCoefficients k, float m, float g) {
    return k.beta1() * Math.abs(m) + (1 - k.beta1()) * k.gradScale() * Math.abs(g);
  }
}
