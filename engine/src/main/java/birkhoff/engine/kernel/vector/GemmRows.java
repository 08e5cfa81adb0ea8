package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.GemmBlocking.ceil;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.ROWS;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.ROW_PITCH;

import birkhoff.engine.kernel.GemmShape;
import java.lang.foreign.MemorySegment;

/**
 * Rows of A as a micro-kernel reads them: bands side by side, each one depth block of the rows of
 * one task.
 */
sealed interface GemmRows {
  /**
   * Packs a band.
   *
   * @param first element of A where the product begins
   * @param i first row
   * @param rows how many
   * @param p first element of k
   * @param depth how many
   */
  void pack(int band, long first, int i, int rows, long p, int depth);

  /** Rows of the tile that begins with row {@code r} of a band of {@code rows}. */
  int height(int r, int rows);

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
    public void pack(int band, long first, int i, int rows, long p, int depth) {
      long from = first + i * shape.lda() + p;
      GemmPacking.rows(a, from, shape.lda(), rows, depth, packed, at + band * bandFloats);
    }

    @Override
    public int height(int r, int rows) {
      return GemmMicroKernel.height(rows - r);
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
    public void pack(int band, long first, int i, int rows, long p, int depth) {
      long from = first + p * shape.lda() + i;
      GemmPacking.rowsTransposed(a, from, shape.lda(), rows, depth, packed, at + band * bandBytes);
    }

    @Override
    public int height(int r, int rows) {
      return Math.min(ROWS, rows - r);
    }

    @Override
    public void tile(
        int band, int r, int height, MemorySegment packedB, long offsetB, int depth, float[] tile) {
      long from = at + band * bandBytes + r / ROWS * GemmColumnKernel.PITCH_BYTES;
      GemmColumnKernel.tile(packed, from, packedB, offsetB, depth, tile);
    }
  }

  /** Rows that are read where they lie, but for the last of a band, which are packed. */
  final class InPlace implements GemmRows {
    private final Stored rest;
    private final long rowBytes;
    private long at;
    private int direct;

    /** One band at a time; for one worker. */
    InPlace(Stored rest) {
      this.rest = rest;
      this.rowBytes = rest.shape().lda() * Float.BYTES;
    }

    @Override
    public void pack(int band, long first, int i, int rows, long p, int depth) {
      at = (first + i * rest.shape().lda() + p) * Float.BYTES;
      long room = rest.a().byteSize() - GemmInPlaceKernel.REACH - at;
      long readable = room < 0 ? 0 : Math.min(rows, room / rowBytes + 1);
      direct = (int) readable / GemmInPlaceKernel.ROWS * GemmInPlaceKernel.ROWS;
      if (direct < rows) {
        rest.pack(band, first, i + direct, rows - direct, p, depth);
      }
    }

    @Override
    public int height(int r, int rows) {
      return r < direct ? GemmInPlaceKernel.ROWS : rest.height(r, rows);
    }

    @Override
    public void tile(
        int band, int r, int height, MemorySegment packedB, long offsetB, int depth, float[] tile) {
      if (r < direct) {
        long row = at + r * rowBytes;
        GemmInPlaceKernel.tile(rest.a(), row, rowBytes, packedB, offsetB, depth, tile);
      } else {
        rest.tile(band, r - direct, height, packedB, offsetB, depth, tile);
      }
    }
  }
}
