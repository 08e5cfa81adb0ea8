package birkhoff.perf.gemm.ladder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/**
 * The definition: row times column. The inner loop strides through {@code B} by whole rows, so that
 * each element read brings in a cache line of which nothing else is used.
 */
final class ThreeLoops implements Rung {
  @Override
  public void multiply(int n, MemorySegment a, MemorySegment b, MemorySegment c) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        float sum = 0;
        for (int k = 0; k < n; k++) {
          sum +=
              a.getAtIndex(JAVA_FLOAT, (long) i * n + k)
                  * b.getAtIndex(JAVA_FLOAT, (long) k * n + j);
        }
        c.setAtIndex(JAVA_FLOAT, (long) i * n + j, sum);
      }
    }
  }
}
