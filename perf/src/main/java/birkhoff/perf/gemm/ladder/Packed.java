package birkhoff.perf.gemm.ladder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import birkhoff.perf.gemm.Matrices;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The same tiles from packed operands (Goto and van de Geijn, 2008): 256 rows of {@code B} are
 * copied to strips of two vectors, 128 rows of {@code A} to strips of four rows, each in the order
 * in which the tile reads it. A strip of {@code B} stays in the first-level cache, the block of
 * {@code A}, 128 KiB, in the second-level one.
 */
final class Packed implements Rung {
  /** Terms of a block. */
  static final int TERMS = 256;

  /** Rows of a block of {@code A}. */
  static final int ROWS = 128;

  private final MemorySegment packedA;
  private final MemorySegment packedB;

  /** For matrices of at most {@code n} rows. */
  Packed(Arena arena, int n) {
    packedA = Matrices.zeros(arena, (long) ROWS * TERMS);
    packedB = Matrices.zeros(arena, (long) n * TERMS);
  }

  @Override
  public void multiply(int n, MemorySegment a, MemorySegment b, MemorySegment c) {
    c.asSlice(0, (long) n * n * Float.BYTES).fill((byte) 0);
    for (int k = 0; k < n; k += TERMS) {
      int terms = Math.min(TERMS, n - k);
      for (int j = 0; j < n; j += Tile.COLUMNS) {
        packStrip(n, b, k, j, terms, packedB);
      }
      for (int i = 0; i < n; i += ROWS) {
        packRows(n, a, i, k, terms, packedA);
        multiplyRows(n, i, terms, packedA, packedB, c);
      }
    }
  }

  /** Copies {@code terms} rows of {@code b}, from row k, to the strip of column j. */
  static void packStrip(int n, MemorySegment b, int k, int j, int terms, MemorySegment to) {
    long bytes = (long) Tile.COLUMNS * Float.BYTES;
    for (int t = 0; t < terms; t++) {
      long from = ((long) (k + t) * n + j) * Float.BYTES;
      MemorySegment.copy(b, from, to, ((long) j * terms) * Float.BYTES + t * bytes, bytes);
    }
  }

  /** Copies {@link #ROWS} rows of {@code a}, from row i, to strips; term by term. */
  static void packRows(int n, MemorySegment a, int i, int k, int terms, MemorySegment to) {
    for (int r = 0; r < ROWS; r++) {
      long strip = (long) (r / Tile.ROWS) * Tile.ROWS * terms + r % Tile.ROWS;
      long from = (long) (i + r) * n + k;
      for (int t = 0; t < terms; t++) {
        to.setAtIndex(JAVA_FLOAT, strip + (long) t * Tile.ROWS, a.getAtIndex(JAVA_FLOAT, from + t));
      }
    }
  }

  /** Adds the packed terms to {@link #ROWS} rows of {@code c}, from row i. */
  static void multiplyRows(
      int n, int i, int terms, MemorySegment a, MemorySegment b, MemorySegment c) {
    for (int j = 0; j < n; j += Tile.COLUMNS) {
      for (int r = 0; r < ROWS; r += Tile.ROWS) {
        long to = (long) (i + r) * n + j;
        long strip = (long) r * terms;
        Tile.add(terms, a, strip, 1, Tile.ROWS, b, (long) j * terms, Tile.COLUMNS, c, to, n);
      }
    }
  }
}
