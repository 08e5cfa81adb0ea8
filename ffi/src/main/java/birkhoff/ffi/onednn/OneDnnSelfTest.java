package birkhoff.ffi.onednn;

import birkhoff.engine.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/** A 7×5×3 product with a bias, added to a result, against plain loops. */
final class OneDnnSelfTest {
  private static final int M = 7;
  private static final int N = 5;
  private static final int K = 3;

  private OneDnnSelfTest() {}

  /** What is wrong, or nothing. */
  static Optional<String> run(OneDnn library) {
    return check(library, DType.FLOAT32).or(() -> check(library, DType.BFLOAT16));
  }

  private static Optional<String> check(OneDnn library, DType result) {
    var geometry = new Matmul.Geometry(false, true, M, N, K, K, K, N, true, true, result);
    var matmul = new Matmul(library, geometry);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = values(arena, DType.BFLOAT16, M * K, 3);
      MemorySegment b = values(arena, DType.BFLOAT16, N * K, 7);
      MemorySegment c = values(arena, result, M * N, 5);
      MemorySegment bias = values(arena, DType.FLOAT32, N, 2);
      MemorySegment scratch = arena.allocate(Math.max(1, matmul.scratchBytes()), 64);
      matmul.run(a, b, c, scratch, bias);
      for (int i = 0; i < M; i++) {
        for (int j = 0; j < N; j++) {
          // Small integers: exact in both types, so any difference is a defect.
          double sum = value(i * N + j, 5) + value(j, 2);
          for (int p = 0; p < K; p++) {
            sum += value(i * K + p, 3) * value(j * K + p, 7);
          }
          double found = get(c, result, i * N + j);
          if (found != sum) {
            return Optional.of(
                result + " product [" + i + ", " + j + "] is " + found + ", not " + sum);
          }
        }
      }
      return Optional.empty();
    }
  }

  private static double value(int i, int step) {
    return i * step % 11 - 5;
  }

  private static MemorySegment values(Arena arena, DType dtype, int count, int step) {
    MemorySegment s = arena.allocate((long) count * dtype.bytes(), 64);
    for (int i = 0; i < count; i++) {
      float v = (float) value(i, step);
      if (dtype == DType.FLOAT32) {
        s.setAtIndex(ValueLayout.JAVA_FLOAT, i, v);
      } else {
        s.setAtIndex(ValueLayout.JAVA_SHORT, i, DType.toBfloat16(v));
      }
    }
    return s;
  }

  private static double get(MemorySegment s, DType dtype, int i) {
    return dtype == DType.FLOAT32
        ? s.getAtIndex(ValueLayout.JAVA_FLOAT, i)
        : DType.fromBfloat16(s.getAtIndex(ValueLayout.JAVA_SHORT, i));
  }
}
