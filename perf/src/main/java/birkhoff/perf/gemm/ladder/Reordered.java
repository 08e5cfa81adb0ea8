package birkhoff.perf.gemm.ladder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/**
 * The same sums with the loops in the order i, k, j: rows of {@code B} and {@code C} are read from
 * front to back. All of {@code B} still passes the caches once for each row of {@code A}.
 */
final class Reordered implements Rung {
  @Override
  public void multiply(int n, MemorySegment a, MemorySegment b, MemorySegment c) {
    c.asSlice(0, (long) n * n * Float.BYTES).fill((byte) 0);
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < n; k++) {
        float x = a.getAtIndex(JAVA_FLOAT, (long) i * n + k);
        addRow(n, x, b, (long) k * n, c, (long) i * n);
      }
    }
  }

  /** Adds {@code x} times some elements of {@code b} to elements of {@code c}. */
  static void addRow(int count, float x, MemorySegment b, long from, MemorySegment c, long to) {
    for (int j = 0; j < count; j++) {
      float sum = c.getAtIndex(JAVA_FLOAT, to + j) + x * b.getAtIndex(JAVA_FLOAT, from + j);
      c.setAtIndex(JAVA_FLOAT, to + j, sum);
    }
  }
}
