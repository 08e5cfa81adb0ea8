package birkhoff.tests.kernels;

import static birkhoff.tests.support.GuardedMemory.floats;
import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.Attention.CacheShape;
import birkhoff.engine.kernel.Bfloat16;
import birkhoff.engine.kernel.Bfloat16.ProductShape;
import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.kernel.scalar.ScalarAttention;
import birkhoff.engine.kernel.scalar.ScalarBfloat16;
import birkhoff.engine.kernel.vector.VectorAttention;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DecodingParityTest {
  private final Bfloat16 scalar = new ScalarBfloat16(DType.FLOAT32);

  /** At 64 bit the scalar one. */
  private final Bfloat16 vector =
      KernelTable.resolve("vector", KernelOptions.DEFAULT).bfloat16(DType.FLOAT32);

  @Test
  void conversions() {
    float[] special = {
      0f,
      -0f,
      1f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN,
      Float.MIN_VALUE,
      Float.MAX_VALUE,
      Float.intBitsToFloat(0x3f808000),
      Float.intBitsToFloat(0x3f818000),
      Float.intBitsToFloat(0x3f808001),
      Float.intBitsToFloat(0x7f800001)
    };
    float[] x = Arrays.copyOf(special, 203);
    float[] random = RandomArrays.floats(Seeds.random("bfloat16"), x.length, 3);
    System.arraycopy(random, special.length, x, special.length, x.length - special.length);
    try (var memory = new GuardedMemory()) {
      MemorySegment from = memory.of(x);
      MemorySegment expected = shorts(memory, x.length);
      MemorySegment got = shorts(memory, x.length);
      scalar.narrow(from, 1, expected, 1, x.length - 1);
      vector.narrow(from, 1, got, 1, x.length - 1);
      assertThat(got.toArray(ValueLayout.JAVA_SHORT))
          .isEqualTo(expected.toArray(ValueLayout.JAVA_SHORT));
      MemorySegment wide = memory.unwrittenFloats(x.length + 2);
      MemorySegment again = memory.unwrittenFloats(x.length + 2);
      scalar.widen(got, 3, wide, 2, x.length - 3);
      vector.widen(got, 3, again, 2, x.length - 3);
      Numeric.assertSameBits("widen", floats(wide), floats(again));
      for (int i = 3; i < x.length; i++) {
        float back = again.getAtIndex(ValueLayout.JAVA_FLOAT, i - 1);
        if (Float.isFinite(back)) {
          assertThat(Math.abs(back - x[i]))
              .isLessThanOrEqualTo(Math.abs(x[i]) * 0x1p-8f + 0x1p-134f);
        }
      }
    }
  }

  private static MemorySegment shorts(GuardedMemory memory, int n) {
    return memory.of(new int[(n + 1) / 2]).asSlice(0, 2L * n);
  }

  @Test
  void products() {
    for (int m : new int[] {1, 2, 5}) {
      for (int k : Campaign.sizes("widening", 0, 1, 3, 8, 15, 16, 17, 63, 64, 65, 100, 257, 770)) {
        for (int n : new int[] {1, 2, 3, 4, 5, 8, 131}) {
          product(new ProductShape(m, n, k));
        }
      }
    }
  }

  private void product(ProductShape s) {
    SplittableRandom random = Seeds.random("bfloat16 product", s);
    float[] x = RandomArrays.floats(random, s.m() * s.k(), 1);
    float[] w = RandomArrays.floats(random, s.n() * s.k(), 1);
    float[] b = RandomArrays.floats(random, s.n(), 1);
    try (var memory = new GuardedMemory()) {
      MemorySegment weights = shorts(memory, w.length);
      scalar.narrow(memory.of(w), 0, weights, 0, w.length);
      MemorySegment in = memory.of(x);
      MemorySegment scratch =
          memory.unwrittenFloats(Math.toIntExact(vector.scratchBytes(s) / Float.BYTES));
      for (MemorySegment bias : new MemorySegment[] {null, memory.of(b)}) {
        MemorySegment expected = memory.unwrittenFloats(s.m() * s.n());
        MemorySegment got = memory.unwrittenFloats(s.m() * s.n());
        int middle = s.n() / 2;
        scalar.product(s, in, weights, bias, expected, null, 0, s.n());
        vector.product(s, in, weights, bias, got, scratch, middle, s.n());
        vector.product(s, in, weights, bias, got, scratch, 0, middle);
        double[] magnitudes = new double[s.m() * s.n()];
        for (int i = 0; i < magnitudes.length; i++) {
          int j = i % s.n();
          magnitudes[i] = bias == null ? 0 : Math.abs(b[j]);
          for (int p = 0; p < s.k(); p++) {
            float weight =
                DType.fromBfloat16(
                    weights.getAtIndex(ValueLayout.JAVA_SHORT, (long) j * s.k() + p));
            magnitudes[i] += Math.abs((double) x[i / s.n() * s.k() + p] * weight);
          }
        }
        // The scalar result is rounded as well.
        Bound bound = Bound.dotProduct(s.k() + 2, magnitudes);
        Numeric.assertClose(s.toString(), floats(expected), floats(got), bound);
      }
    }
  }

  @Test
  void cachedAttention() {
    cachedAttention(new CacheShape(1, 1, 1, 1, 0, 1));
    cachedAttention(new CacheShape(2, 3, 5, 40, 0, 33));
    cachedAttention(new CacheShape(1, 2, 64, 70, 65, 1));
    cachedAttention(new CacheShape(2, 1, 80, 17, 14, 3));
    cachedAttention(new CacheShape(1, 2, 16, 300, 250, 20));
    cachedAttention(new CacheShape(1, 1, 131, 33, 32, 1));
  }

  private static void cachedAttention(CacheShape s) {
    SplittableRandom random = Seeds.random("cached attention", s);
    int tiles = CacheShape.tiles(s.capacity());
    float[] keys =
        RandomArrays.floats(random, s.blocks() * tiles * s.headSize() * CacheShape.TILE, 1);
    float[] values = RandomArrays.floats(random, s.blocks() * s.capacity() * s.headSize(), 1);
    float[] qkv = RandomArrays.floats(random, s.batch() * s.time() * 3 * s.width(), 1);
    int outputs = s.batch() * s.time() * s.width();
    try (var memory = new GuardedMemory()) {
      MemorySegment in = memory.of(qkv);
      var scalar = new ScalarAttention(DType.FLOAT32);
      var vector = new VectorAttention();
      MemorySegment[] expected = {
        memory.of(keys), memory.of(values), memory.unwrittenFloats(outputs)
      };
      MemorySegment[] got = {memory.of(keys), memory.of(values), memory.unwrittenFloats(outputs)};
      run(scalar, s, in, expected, memory);
      run(vector, s, in, got, memory);
      Numeric.assertSameBits("keys", floats(expected[0]), floats(got[0]));
      Numeric.assertSameBits("values", floats(expected[1]), floats(got[1]));
      // A score is off by γ(hd)·Σ|q·k|/√hd ≤ γ(hd)·√hd for numbers up to 1, which changes its
      // weight
      // by that part; the weights, their sum and the weighted sum add their own roundings.
      double score = Bound.gamma(s.headSize() + 2) * Math.sqrt(s.headSize());
      double bound = 2 * score + 2 * Bound.gamma(s.start() + s.time() + 12);
      Numeric.assertClose(s.toString(), floats(expected[2]), floats(got[2]), Bound.absolute(bound));
    }
  }

  private static void run(
      birkhoff.engine.kernel.Attention kernel,
      CacheShape s,
      MemorySegment qkv,
      MemorySegment[] to,
      GuardedMemory memory) {
    int scratch = Math.toIntExact((kernel.scratchBytes(s) + 3) / Float.BYTES);
    MemorySegment own = memory.unwrittenFloats(scratch);
    kernel.attendCached(s, qkv, to[0], to[1], to[2], own, 1, s.blocks());
    kernel.attendCached(s, qkv, to[0], to[1], to[2], own, 0, 1);
  }
}
