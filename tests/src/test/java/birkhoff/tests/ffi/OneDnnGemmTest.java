package birkhoff.tests.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.error.BirkhoffException;
import birkhoff.engine.error.DTypeException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.MixedGemm;
import birkhoff.engine.kernel.scalar.ScalarMixedGemm;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Products of bfloat16 matrices against the three loops. */
class OneDnnGemmTest {
  private static final int[] SIZES = {1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 65, 100, 130};
  private static final int CASES = 120;
  // Cut into several tiles.
  private static final int LARGE = 4;

  private final MixedGemm gemm = OneDnn.gemm();
  private final MixedGemm reference = new ScalarMixedGemm();

  private record Product(
      GemmShape shape, boolean bias, boolean accumulate, DType result, long seed) {}

  private static List<Product> products() {
    SplittableRandom random = Seeds.random("mixed gemm");
    var all = new ArrayList<Product>();
    for (int i = 0; i < CASES; i++) {
      boolean large = i >= CASES - LARGE;
      int m = large ? 700 : SIZES[random.nextInt(SIZES.length)];
      int n = large ? 640 : SIZES[random.nextInt(SIZES.length)];
      int k = large ? 40 : SIZES[random.nextInt(SIZES.length)];
      boolean ta = i % 2 == 1;
      boolean tb = i / 2 % 2 == 1;
      int batch = large ? 1 : 1 + random.nextInt(3);
      long lda = (long) (ta ? m : k) + random.nextInt(3);
      long ldb = (long) (tb ? k : n) + random.nextInt(3);
      long ldc = (long) n + random.nextInt(3);
      long strideA = (ta ? k : m) * lda + random.nextInt(2);
      long strideB = random.nextBoolean() ? 0 : (tb ? n : k) * ldb;
      var shape = new GemmShape(ta, tb, batch, m, n, k, lda, strideA, ldb, strideB, ldc, m * ldc);
      DType result = random.nextBoolean() ? DType.FLOAT32 : DType.BFLOAT16;
      all.add(
          new Product(
              shape, random.nextBoolean(), random.nextBoolean(), result, random.nextLong()));
    }
    return all;
  }

  /** The whole of C; what must not be read starts as NaN. */
  private static double[] run(MixedGemm kernel, ThreadTeam team, Product p) {
    var random = new SplittableRandom(p.seed);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment a = narrow(arena, random, p.shape.extentA());
      MemorySegment b = narrow(arena, random, p.shape.extentB());
      MemorySegment bias = arena.allocate(p.shape.n() * 4L, 4);
      for (int j = 0; j < p.shape.n(); j++) {
        bias.setAtIndex(ValueLayout.JAVA_FLOAT, j, random.nextFloat() - 0.5f);
      }
      long count = p.shape.extentC();
      MemorySegment c = arena.allocate(count * p.result.bytes(), 4);
      for (long i = 0; i < count; i++) {
        float start = p.accumulate ? random.nextFloat() : Float.NaN;
        if (p.result == DType.FLOAT32) {
          c.setAtIndex(ValueLayout.JAVA_FLOAT, i, start);
        } else {
          c.setAtIndex(ValueLayout.JAVA_SHORT, i, DType.toBfloat16(start));
        }
      }
      kernel.gemm(team, p.shape, a, b, p.bias ? bias : null, p.accumulate, p.result, c);
      double[] found = new double[Math.toIntExact(count)];
      for (int i = 0; i < found.length; i++) {
        found[i] =
            p.result == DType.FLOAT32
                ? c.getAtIndex(ValueLayout.JAVA_FLOAT, i)
                : DType.fromBfloat16(c.getAtIndex(ValueLayout.JAVA_SHORT, i));
      }
      return found;
    }
  }

  private static MemorySegment narrow(Arena arena, SplittableRandom random, long count) {
    MemorySegment s = arena.allocate(count * 2, 2);
    for (long i = 0; i < count; i++) {
      s.setAtIndex(ValueLayout.JAVA_SHORT, i, DType.toBfloat16(random.nextFloat() - 0.5f));
    }
    return s;
  }

  /**
   * Terms are below 1/4, so a float32 sum of k is off by γ(k + 2)·(k/4 + 2) at most; a bfloat16
   * result also by its last place, 2⁻⁷ of itself at most.
   */
  @Test
  void resultsAreThoseOfTheThreeLoops() {
    try (var team = new ThreadTeam(2, new MemoryLedger())) {
      for (Product p : products()) {
        double sum = Bound.gamma(p.shape.k() + 2) * (p.shape.k() / 4.0 + 2);
        double place = p.result == DType.BFLOAT16 ? 0x1p-7 : 0x1p-24;
        Numeric.assertClose(
            p.toString(),
            run(reference, team, p),
            run(gemm, team, p),
            (i, expected, largest) -> sum + place * Math.abs(expected));
      }
    }
  }

  @Test
  void theBitsDoNotDependOnTheThreads() {
    for (Product p : products()) {
      double[] expected = null;
      for (int threads = 1; threads <= 4; threads++) {
        try (var team = new ThreadTeam(threads, new MemoryLedger())) {
          double[] got = run(gemm, team, p);
          if (expected != null) {
            assertThat(Arrays.equals(got, expected)).as("%s, %d threads", p, threads).isTrue();
          }
          expected = got;
        }
      }
    }
  }

  @Test
  void emptySumsAreTheBias() {
    try (var team = new ThreadTeam(1, new MemoryLedger());
        Arena arena = Arena.ofShared()) {
      var shape = GemmShape.of(false, false, 2, 2, 0);
      MemorySegment none = arena.allocate(8, 8);
      MemorySegment bias = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2);
      MemorySegment c = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 5, 6, 7, 8);
      gemm.gemm(team, shape, none, none, bias, true, DType.FLOAT32, c);
      assertThat(c.toArray(ValueLayout.JAVA_FLOAT)).containsExactly(6, 8, 8, 10);
      gemm.gemm(team, shape, none, none, null, false, DType.FLOAT32, c);
      assertThat(c.toArray(ValueLayout.JAVA_FLOAT)).containsOnly(0);
    }
  }

  @Test
  void whatTheLibraryWouldOverrunIsRefused() {
    try (var team = new ThreadTeam(1, new MemoryLedger());
        Arena arena = Arena.ofShared()) {
      var shape = GemmShape.of(false, true, 4, 4, 4);
      MemorySegment full = arena.allocate(64, 64);
      MemorySegment half = arena.allocate(16, 64);
      MemorySegment out = arena.allocate(64, 64);
      MemorySegment heap = MemorySegment.ofArray(new byte[64]);
      assertThatThrownBy(() -> gemm.gemm(team, shape, half, full, null, false, DType.FLOAT32, full))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("operand A has 8 elements");
      assertThatThrownBy(() -> gemm.gemm(team, shape, full, full, null, false, DType.FLOAT32, half))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("operand C has 4 elements");
      assertThatThrownBy(() ->
              gemm.gemm(team, shape, full, full, half.asSlice(4, 8), false, DType.FLOAT32, out))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("bias has 2 elements for 4 columns");
      assertThatThrownBy(() -> gemm.gemm(team, shape, out, full, null, false, DType.FLOAT32, full))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("C overlaps operand B");
      assertThatThrownBy(() -> gemm.gemm(team, shape, heap, full, null, false, DType.FLOAT32, full))
          .isInstanceOf(BirkhoffException.class)
          .hasMessageContaining("operand A lies on the heap");
      assertThatThrownBy(() -> gemm.gemm(team, shape, full, full, null, false, DType.FLOAT64, full))
          .isInstanceOf(DTypeException.class)
          .hasMessageContaining("FLOAT64");
    }
  }
}
