package birkhoff.ffi.openblas;

import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * A 7×5×3 product and a row of it, in both types, against plain loops: calls and results are sane.
 */
final class GemmSelfTest {
  private static final int M = 7;
  private static final int N = 5;
  private static final int K = 3;

  private GemmSelfTest() {}

  /** What is wrong, or nothing. */
  static Optional<String> run() {
    return check(DType.FLOAT32, M)
        .or(() -> check(DType.FLOAT64, M))
        .or(() -> check(DType.FLOAT32, 1))
        .or(() -> check(DType.FLOAT64, 1));
  }

  private static Optional<String> check(DType dtype, int m) {
    GemmShape shape = GemmShape.of(false, true, m, N, K);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = values(arena, dtype, m * K, 3);
      MemorySegment b = values(arena, dtype, N * K, 7);
      MemorySegment c = values(arena, dtype, m * N, 0);
      set(c, dtype, 0, Double.NaN);
      new OpenBlasCalls(dtype, shape, 2, a, b, 0, c)
          .intoResult(new OpenBlasCalls.Piece(0, 0, m, 0, N, 0, K))
          .run();
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < N; j++) {
          // Small integers: exact in both types, so any difference is a defect.
          double sum = 0;
          for (int p = 0; p < K; p++) {
            sum += get(a, dtype, i * K + p) * get(b, dtype, j * K + p);
          }
          double found = get(c, dtype, i * N + j);
          if (found != 2 * sum) {
            return Optional.of(
                dtype + " product [" + i + ", " + j + "] is " + found + ", not " + 2 * sum);
          }
        }
      }
      return Optional.empty();
    }
  }

  private static MemorySegment values(Arena arena, DType dtype, int count, int step) {
    MemorySegment s = arena.allocate((long) count * dtype.bytes(), 64);
    for (int i = 0; i < count; i++) {
      set(s, dtype, i, i * step % 11 - 5);
    }
    return s;
  }

  private static void set(MemorySegment s, DType dtype, int i, double value) {
    if (dtype == DType.FLOAT32) {
      s.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
    } else {
      s.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
    }
  }

  private static double get(MemorySegment s, DType dtype, int i) {
    return dtype == DType.FLOAT32
        ? s.getAtIndex(ValueLayout.JAVA_FLOAT, i)
        : s.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
  }
}
