package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.GemmBlocking.ceil;
import static birkhoff.engine.kernel.vector.GemmColumnKernel.COLUMN_BYTES;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.ROWS;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.ROW_PITCH;

import birkhoff.engine.kernel.GemmShape;
import java.lang.foreign.MemorySegment;

/**
 * Packed rows of A: bands of them side by side, each as the micro-kernel for A's orientation reads
 * it. A band is one depth block of the rows of one task.
 */
sealed interface GemmRows {
  /**
   * Packs a band, or some of its depth.
   *
   * @param line where in the band's depth the packed piece begins
   * @param first element of A where the product begins
   * @param i first row
   * @param rows how many
   * @param p first element of k
   * @param depth how many
   */
  void pack(int band, int line, long first, int i, int rows, long p, int depth);

  /** Whether these rows are packed into this memory, of which each kind uses one. */
  boolean liesIn(float[] floats, MemorySegment memory);

  /** Rows of the next tile where {@code remaining} are left. */
  int height(int remaining);

  /** Computes the tile whose first row is {@code r} in the band. */
  void tile(
      int band, int r, int height, MemorySegment packedB, long offsetB, int depth, float[] tile);

  /** Rows that lie in memory as rows, on the heap. */
  record Stored(MemorySegment a, GemmShape shape, float[] packed, int at, int bandFloats)
      implements GemmRows {

    static int bandFloats(int rows) {
      // A tile of the smallest height may read beyond the last row.
      return (rows + 3) * ROW_PITCH;
    }

    @Override
    public void pack(int band, int line, long first, int i, int rows, long p, int depth) {
      long from = first + i * shape.lda() + p;
      GemmPacking.rows(a, from, shape.lda(), rows, depth, packed, at + band * bandFloats + line);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the very array
    public boolean liesIn(float[] floats, MemorySegment memory) {
      return packed == floats;
    }

    @Override
    public int height(int remaining) {
      return GemmMicroKernel.height(remaining);
    }

    @Override
    public void tile(
        int band, int r, int height, MemorySegment packedB, long offsetB, int depth, float[] tile) {
      int from = at + band * bandFloats + r * ROW_PITCH;
      GemmMicroKernel.tile(height, packed, from, packedB, offsetB, depth, tile);
    }
  }

  /** Rows that lie in memory as columns, in native memory. */
  record Transposed(MemorySegment a, GemmShape shape, MemorySegment packed, long at, long bandBytes)
      implements GemmRows {

    static long bandBytes(int rows) {
      return ceil(rows, ROWS) * GemmColumnKernel.PITCH_BYTES;
    }

    @Override
    public void pack(int band, int line, long first, int i, int rows, long p, int depth) {
      long from = first + p * shape.lda() + i;
      long to = at + band * bandBytes + line * COLUMN_BYTES;
      GemmPacking.rowsTransposed(a, from, shape.lda(), rows, depth, packed, to);
    }

    @Override
    public boolean liesIn(float[] floats, MemorySegment memory) {
      return packed.equals(memory);
    }

    @Override
    public int height(int remaining) {
      return Math.min(ROWS, remaining);
    }

    @Override
    public void tile(
        int band, int r, int height, MemorySegment packedB, long offsetB, int depth, float[] tile) {
      long from = at + band * bandBytes + r / ROWS * GemmColumnKernel.PITCH_BYTES;
      GemmColumnKernel.tile(packed, from, packedB, offsetB, depth, tile);
    }
  }
}
