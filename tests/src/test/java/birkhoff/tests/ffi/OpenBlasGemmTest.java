package birkhoff.tests.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.error.BirkhoffException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.GemmCase;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OpenBlasGemmTest {
  private static final int[] SIZES = {1, 2, 3, 5, 7, 15, 16, 17, 31, 33, 64, 65, 100, 129};

  private final Gemm float32 = OpenBlas.gemm(DType.FLOAT32);
  private final Gemm float64 = OpenBlas.gemm(DType.FLOAT64);

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void agreesWithPlainLoopsForAnyThreadCount(DType dtype) {
    for (GemmCase c : cases()) {
      double[] one = run(dtype, c, 1);
      double u = dtype == DType.FLOAT32 ? Bound.FLOAT_ROUNDOFF : 0x1p-53;
      int terms = c.shape().k() + 3;
      Numeric.assertClose(
          dtype + " " + c.shape() + " alpha " + c.alpha() + " beta " + c.beta(),
          c.expected(),
          one,
          (index, expected, largest) -> terms * u / (1 - terms * u) * c.magnitudes()[index]);
      for (int threads = 2; threads <= 4; threads++) {
        assertThat(run(dtype, c, threads))
            .as("%s with %d threads", c.shape(), threads)
            .isEqualTo(one);
      }
    }
  }

  /** Shapes of one tile and of many, ragged at every edge. */
  private static List<GemmCase> cases() {
    SplittableRandom random = Seeds.random("gemm cases");
    var cases = new ArrayList<GemmCase>();
    double[] alphas = {1, 0.5, -2, 0};
    double[] betas = {0, 1, -0.25};
    for (int i = 0; i < 150; i++) {
      GemmShape s =
          shape(
              random,
              1 + random.nextInt(3),
              SIZES[random.nextInt(SIZES.length)],
              SIZES[random.nextInt(SIZES.length)],
              random.nextInt(10) == 0 ? 0 : SIZES[random.nextInt(SIZES.length)]);
      cases.add(GemmCase.of(s, alphas[random.nextInt(4)], betas[random.nextInt(3)]));
    }
    for (int[] size : new int[][] {{1, 2500, 40}, {2500, 1, 40}, {523, 701, 30}, {1030, 90, 9}}) {
      for (int i = 0; i < 4; i++) {
        cases.add(GemmCase.of(shape(random, 1, size[0], size[1], size[2]), 1, betas[i % 3]));
      }
    }
    cases.add(GemmCase.of(shape(random, 37, 48, 48, 16), 0.125, 0));
    // Long sums over small results are cut along the sum.
    for (int[] size : new int[][] {{97, 65, 3001}, {130, 70, 1023}, {64, 64, 4096}}) {
      for (int i = 0; i < 6; i++) {
        cases.add(
            GemmCase.of(shape(random, 1 + i % 2, size[0], size[1], size[2]), -0.5, betas[i % 3]));
      }
    }
    return cases;
  }

  private static GemmShape shape(SplittableRandom random, int batch, int m, int n, int k) {
    boolean transA = random.nextBoolean();
    boolean transB = random.nextBoolean();
    long lda = Math.max(1L, (transA ? m : k) + (long) random.nextInt(3));
    long ldb = Math.max(1L, (transB ? k : n) + (long) random.nextInt(3));
    long ldc = (long) n + random.nextInt(3);
    long strideA = random.nextInt(4) == 0 ? 0 : (transA ? k : m) * lda + random.nextInt(5);
    long strideB = random.nextInt(4) == 0 ? 0 : (transB ? n : k) * ldb + random.nextInt(5);
    long strideC = m * ldc + random.nextInt(5);
    return new GemmShape(transA, transB, batch, m, n, k, lda, strideA, ldb, strideB, ldc, strideC);
  }

  private double[] run(DType dtype, GemmCase c, int threads) {
    try (var team = new ThreadTeam(threads, new MemoryLedger());
        var memory = new GuardedMemory()) {
      if (dtype == DType.FLOAT64) {
        MemorySegment out = memory.of(c.start());
        float64.gemm(team, c.shape(), c.alpha(), memory.of(c.a()), memory.of(c.b()), c.beta(), out);
        return GuardedMemory.doubles(out);
      }
      MemorySegment out = memory.of(RandomArrays.narrow(c.start()));
      float32.gemm(
          team,
          c.shape(),
          c.alpha(),
          memory.of(RandomArrays.narrow(c.a())),
          memory.of(RandomArrays.narrow(c.b())),
          c.beta(),
          out);
      return RandomArrays.widen(GuardedMemory.floats(out));
    }
  }

  @Test
  void emptyProductsTouchNothing() {
    try (var team = new ThreadTeam(2, new MemoryLedger());
        var memory = new GuardedMemory()) {
      MemorySegment none = memory.of(new float[0]);
      MemorySegment one = memory.of(3f, 4f);
      float32.gemm(team, GemmShape.of(false, false, 0, 2, 1), 1, none, one, 0, none);
      float32.gemm(team, GemmShape.of(false, false, 2, 0, 1), 1, one, none, 0, none);
      float32.gemm(team, GemmShape.of(false, false, 1, 2, 0), 1, none, none, 2, one);
      assertThat(GuardedMemory.floats(one)).containsExactly(6f, 8f);
      float32.gemm(team, GemmShape.of(false, false, 1, 2, 0), 1, none, none, 0, one);
      assertThat(GuardedMemory.floats(one)).containsExactly(0f, 0f);
    }
  }

  @Test
  void badOperandsAreRefusedBeforeNativeCode() {
    GemmShape shape = GemmShape.of(false, true, 3, 4, 5);
    try (var team = new ThreadTeam(1, new MemoryLedger());
        Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocate(3 * 5 * 4, 64);
      MemorySegment b = arena.allocate(4 * 5 * 4, 64);
      MemorySegment c = arena.allocate(3 * 4 * 4, 64);
      for (List<MemorySegment> abc :
          List.of(List.of(cut(a), b, c), List.of(a, cut(b), c), List.of(a, b, cut(c)))) {
        assertThatThrownBy(
                () -> float32.gemm(team, shape, 1, abc.get(0), abc.get(1), 0, abc.get(2)))
            .isInstanceOf(ShapeException.class)
            .hasMessageContaining("elements");
      }
      assertThatThrownBy(() -> float64.gemm(team, shape, 1, a, b, 0, c))
          .isInstanceOf(ShapeException.class);
      MemorySegment heap = MemorySegment.ofArray(new float[12]);
      assertThatThrownBy(() -> float32.gemm(team, shape, 1, a, b, 0, heap))
          .isInstanceOf(BirkhoffException.class)
          .hasMessageContaining("C lies on the heap");
      assertThatThrownBy(() -> float32.gemm(team, shape, 1, a, b, 0, c.asReadOnly()))
          .isInstanceOf(BirkhoffException.class)
          .hasMessageContaining("read-only");
      long far = 1L << 31;
      var wide = new GemmShape(false, true, 1, 1, 1, 1, far, 0, 1, 0, 1, 0);
      assertThatThrownBy(() -> float32.gemm(team, wide, 1, a, b, 0, c))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("32 bits");
    }
  }

  @Test
  @Timeout(30)
  void aFailureInsideTheTeamIsThrownAndNobodyWaitsForever() {
    try (var team = new ThreadTeam(4, new MemoryLedger());
        var memory = new GuardedMemory()) {
      MemorySegment out = memory.unwrittenFloats(64 * 64);
      MemorySegment gone;
      try (Arena arena = Arena.ofShared()) {
        gone = arena.allocate(64 * 4096 * 4, 64);
      }
      for (int k : new int[] {64, 4096}) {
        GemmShape shape = GemmShape.of(true, false, 64, 64, k);
        assertThatThrownBy(() -> float32.gemm(team, shape, 1, gone, gone, 0, out))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("closed");
      }
    }
  }

  private static MemorySegment cut(MemorySegment s) {
    return s.asSlice(0, s.byteSize() - 4);
  }
}
