package birkhoff.tests.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.scalar.ScalarGemm;
import birkhoff.engine.kernel.vector.VectorGemm;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.ForcedWidth;
import birkhoff.tests.support.GemmCase;
import birkhoff.tests.support.GuardedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class GemmTest {
  private static final GemmRun VECTOR = new GemmRun(new VectorGemm(), DType.FLOAT32);

  static int[] widths() {
    return ForcedWidth.widths();
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void scalarAgreesWithPlainLoopsForAnyThreadCount(DType dtype) {
    agrees(new GemmRun(new ScalarGemm(dtype), dtype), GemmRun.cases(200, false));
  }

  @Test
  void vectorAgreesWithPlainLoopsForAnyThreadCount() {
    agrees(VECTOR, GemmRun.cases(400, true));
  }

  private static void agrees(GemmRun run, List<GemmCase> cases) {
    try (var one = new ThreadTeam(1, new MemoryLedger());
        var two = new ThreadTeam(2, new MemoryLedger());
        var three = new ThreadTeam(3, new MemoryLedger());
        var four = new ThreadTeam(4, new MemoryLedger())) {
      for (GemmCase c : cases) {
        double[] alone = run.result(one, c);
        run.check(c, alone);
        for (ThreadTeam team : List.of(two, three, four)) {
          assertThat(run.result(team, c))
              .as("%s with %d threads", c.shape(), team.size())
              .isEqualTo(alone);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("widths")
  void everyWidthAgrees(int bits) {
    assertThat(ForcedWidth.run(GemmWidth.class, bits)).contains("150 cases agree");
  }

  @Test
  void notANumberGoesWhereItBelongs() {
    int m = 14;
    int n = 35;
    int k = 20;
    var a = new float[m * k];
    var b = new float[k * n];
    a[3 * k + 5] = Float.NaN;
    b[7 * n + 33] = Float.POSITIVE_INFINITY;
    Arrays.fill(a, 0, k, 1f);
    try (var team = new ThreadTeam(1, new MemoryLedger());
        var memory = new GuardedMemory()) {
      MemorySegment c = memory.unwrittenFloats(m * n);
      GemmShape shape = GemmShape.of(false, false, m, n, k);
      VECTOR.kernel().gemm(team, shape, 1, memory.of(a), memory.of(b), 0, c);
      float[] got = GuardedMemory.floats(c);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          float expected = i == 3 || j == 33 ? Float.NaN : 0f;
          expected = i == 0 && j == 33 ? Float.POSITIVE_INFINITY : expected;
          assertThat(got[i * n + j]).as("C[%d,%d]", i, j).isEqualTo(Float.valueOf(expected));
        }
      }
    }
  }

  @Test
  void shortOperandsAreRefused() {
    GemmShape shape = GemmShape.of(true, false, 3, 4, 5);
    try (var team = new ThreadTeam(1, new MemoryLedger());
        Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocate(3 * 5 * 4, 64);
      MemorySegment b = arena.allocate(4 * 5 * 4, 64);
      MemorySegment c = arena.allocate(3 * 4 * 4, 64);
      for (var abc : List.of(List.of(cut(a), b, c), List.of(a, cut(b), c), List.of(a, b, cut(c)))) {
        assertThatThrownBy(
                () -> VECTOR.kernel().gemm(team, shape, 1, abc.get(0), abc.get(1), 0, abc.get(2)))
            .isInstanceOf(ShapeException.class)
            .hasMessageContaining("elements");
      }
    }
  }

  private static MemorySegment cut(MemorySegment s) {
    return s.asSlice(0, s.byteSize() - 4);
  }
}
