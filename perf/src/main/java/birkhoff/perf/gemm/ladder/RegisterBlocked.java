package birkhoff.perf.gemm.ladder;

import java.lang.foreign.MemorySegment;

/**
 * A {@link Tile} of {@code C} in registers, operands where they lie. {@code B} is read down a strip
 * of two vectors whose rows are a whole matrix row apart: with a power of two they fall into the
 * same few sets of the cache, and into a page each.
 */
final class RegisterBlocked implements Rung {
  private static final int TERMS = 128;

  @Override
  public void multiply(int n, MemorySegment a, MemorySegment b, MemorySegment c) {
    c.asSlice(0, (long) n * n * Float.BYTES).fill((byte) 0);
    for (int k = 0; k < n; k += TERMS) {
      for (int j = 0; j < n; j += Tile.COLUMNS) {
        for (int i = 0; i < n; i += Tile.ROWS) {
          long row = (long) i * n;
          Tile.add(TERMS, a, row + k, n, 1, b, (long) k * n + j, n, c, row + j, n);
        }
      }
    }
  }
}
