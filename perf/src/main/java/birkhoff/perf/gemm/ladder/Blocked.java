package birkhoff.perf.gemm.ladder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/**
 * The same loops over blocks: 64 rows and 512 columns of {@code B}, 128 KiB, stay in the
 * second-level cache while all rows of {@code A} use them.
 */
final class Blocked implements Rung {
  /** Terms of a block. */
  static final int TERMS = 64;

  /** Columns of a block. */
  static final int COLUMNS = 512;

  @Override
  public void multiply(int n, MemorySegment a, MemorySegment b, MemorySegment c) {
    c.asSlice(0, (long) n * n * Float.BYTES).fill((byte) 0);
    for (int k0 = 0; k0 < n; k0 += TERMS) {
      for (int j0 = 0; j0 < n; j0 += COLUMNS) {
        int columns = Math.min(COLUMNS, n - j0);
        for (int i = 0; i < n; i++) {
          for (int k = k0; k < k0 + TERMS; k++) {
            float x = a.getAtIndex(JAVA_FLOAT, (long) i * n + k);
            Reordered.addRow(columns, x, b, (long) k * n + j0, c, (long) i * n + j0);
          }
        }
      }
    }
  }
}
