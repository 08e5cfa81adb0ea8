package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.MANY_REGISTERS;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The innermost loops of the matrix product: a register tile of up to {@link #ROWS} rows and two
 * vectors of columns, {@code tile[i][j] = Σ_p A[i][p]·B[p][j]} over one depth block, summed in
 * order of {@code p}.
 *
 * <p>{@code A} is packed as rows with the constant distance {@link #ROW_PITCH}, {@code B} as a
 * panel of {@link #COLUMNS} columns. Distances and lengths are compile-time constants so that the
 * JIT proves every access in bounds: checks before the loop cost more than a tenth of a tile. The
 * branch in the middle of {@code rows6} is never taken, but its way out needs all sums: so the JIT
 * cannot first load all elements of A and then, short of its 16 registers, keep sums in memory,
 * which halved the speed.
 *
 * <p>Methods are spelled out because accumulators must be local variables to stay in registers, and
 * short because a compiler that gives up on one leaves it interpreted.
 */
final class GemmMicroKernel {
  /** Longest sum that one call adds up. */
  static final int MAX_DEPTH = 512;

  /** Columns of a tile. */
  static final int COLUMNS = 2 * LENGTH;

  /** Rows of a full tile: 24 accumulators where there are 32 vector registers, else 12. */
  static final int ROWS = MANY_REGISTERS ? 12 : 6;

  /**
   * Elements from one packed row of A to the next; the odd cache line keeps rows in different sets.
   */
  static final int ROW_PITCH = MAX_DEPTH + 16;

  /** Bytes of one packed panel of B at the greatest depth. */
  static final long PANEL_BYTES = (long) MAX_DEPTH * COLUMNS * Float.BYTES;

  /** Bytes of one line of a panel of B. */
  static final long ROW_BYTES = (long) COLUMNS * Float.BYTES;

  /** Floats of a result tile, counting the rows that a shorter kernel adds. */
  static final int TILE = 12 * COLUMNS;

  private GemmMicroKernel() {}

  /** How many of {@code remaining} rows the next tile takes. */
  static int height(int remaining) {
    return remaining > ROWS - 4 ? Math.min(ROWS, remaining) : Math.min(4, remaining);
  }

  /**
   * Computes a tile of {@code rows} rows, a number that {@link #height} gave; up to three more rows
   * of A are read and of the tile written. {@code packedB} reaches {@link #PANEL_BYTES} beyond
   * {@code offsetB}.
   */
  static void tile(
      int rows,
      float[] packedA,
      int offsetA,
      MemorySegment packedB,
      long offsetB,
      int depth,
      float[] tile) {
    if (rows <= 4) {
      rows4(packedA, offsetA, packedB, offsetB, depth, tile);
    } else if (ROWS == 6) {
      rows6(packedA, offsetA, packedB, offsetB, depth, tile);
    } else {
      rows12(packedA, offsetA, packedB, offsetB, depth, tile);
    }
  }

  /** 12 rows; see the class comment. */
  private static void rows12(
      float[] a, int offsetA, MemorySegment packedB, long offsetB, int depth, float[] tile) {
    MemorySegment b = packedB.asSlice(offsetB, PANEL_BYTES);
    int k = Math.min(depth, MAX_DEPTH);
    FloatVector c0x0 = FloatVector.zero(F);
    FloatVector c0x1 = FloatVector.zero(F);
    FloatVector c1x0 = FloatVector.zero(F);
    FloatVector c1x1 = FloatVector.zero(F);
    FloatVector c2x0 = FloatVector.zero(F);
    FloatVector c2x1 = FloatVector.zero(F);
    FloatVector c3x0 = FloatVector.zero(F);
    FloatVector c3x1 = FloatVector.zero(F);
    FloatVector c4x0 = FloatVector.zero(F);
    FloatVector c4x1 = FloatVector.zero(F);
    FloatVector c5x0 = FloatVector.zero(F);
    FloatVector c5x1 = FloatVector.zero(F);
    FloatVector c6x0 = FloatVector.zero(F);
    FloatVector c6x1 = FloatVector.zero(F);
    FloatVector c7x0 = FloatVector.zero(F);
    FloatVector c7x1 = FloatVector.zero(F);
    FloatVector c8x0 = FloatVector.zero(F);
    FloatVector c8x1 = FloatVector.zero(F);
    FloatVector c9x0 = FloatVector.zero(F);
    FloatVector c9x1 = FloatVector.zero(F);
    FloatVector c10x0 = FloatVector.zero(F);
    FloatVector c10x1 = FloatVector.zero(F);
    FloatVector c11x0 = FloatVector.zero(F);
    FloatVector c11x1 = FloatVector.zero(F);
    for (int p = 0; p < k; p++) {
      int pa = offsetA + p;
      long pb = p * ROW_BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(F, b, pb, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, b, pb + BYTES, ORDER);
      FloatVector a0 = FloatVector.broadcast(F, a[pa]);
      c0x0 = a0.fma(b0, c0x0);
      c0x1 = a0.fma(b1, c0x1);
      FloatVector a1 = FloatVector.broadcast(F, a[pa + ROW_PITCH]);
      c1x0 = a1.fma(b0, c1x0);
      c1x1 = a1.fma(b1, c1x1);
      FloatVector a2 = FloatVector.broadcast(F, a[pa + 2 * ROW_PITCH]);
      c2x0 = a2.fma(b0, c2x0);
      c2x1 = a2.fma(b1, c2x1);
      FloatVector a3 = FloatVector.broadcast(F, a[pa + 3 * ROW_PITCH]);
      c3x0 = a3.fma(b0, c3x0);
      c3x1 = a3.fma(b1, c3x1);
      FloatVector a4 = FloatVector.broadcast(F, a[pa + 4 * ROW_PITCH]);
      c4x0 = a4.fma(b0, c4x0);
      c4x1 = a4.fma(b1, c4x1);
      FloatVector a5 = FloatVector.broadcast(F, a[pa + 5 * ROW_PITCH]);
      c5x0 = a5.fma(b0, c5x0);
      c5x1 = a5.fma(b1, c5x1);
      FloatVector a6 = FloatVector.broadcast(F, a[pa + 6 * ROW_PITCH]);
      c6x0 = a6.fma(b0, c6x0);
      c6x1 = a6.fma(b1, c6x1);
      FloatVector a7 = FloatVector.broadcast(F, a[pa + 7 * ROW_PITCH]);
      c7x0 = a7.fma(b0, c7x0);
      c7x1 = a7.fma(b1, c7x1);
      FloatVector a8 = FloatVector.broadcast(F, a[pa + 8 * ROW_PITCH]);
      c8x0 = a8.fma(b0, c8x0);
      c8x1 = a8.fma(b1, c8x1);
      FloatVector a9 = FloatVector.broadcast(F, a[pa + 9 * ROW_PITCH]);
      c9x0 = a9.fma(b0, c9x0);
      c9x1 = a9.fma(b1, c9x1);
      FloatVector a10 = FloatVector.broadcast(F, a[pa + 10 * ROW_PITCH]);
      c10x0 = a10.fma(b0, c10x0);
      c10x1 = a10.fma(b1, c10x1);
      FloatVector a11 = FloatVector.broadcast(F, a[pa + 11 * ROW_PITCH]);
      c11x0 = a11.fma(b0, c11x0);
      c11x1 = a11.fma(b1, c11x1);
    }
    c0x0.intoArray(tile, 0 * LENGTH);
    c0x1.intoArray(tile, 1 * LENGTH);
    c1x0.intoArray(tile, 2 * LENGTH);
    c1x1.intoArray(tile, 3 * LENGTH);
    c2x0.intoArray(tile, 4 * LENGTH);
    c2x1.intoArray(tile, 5 * LENGTH);
    c3x0.intoArray(tile, 6 * LENGTH);
    c3x1.intoArray(tile, 7 * LENGTH);
    c4x0.intoArray(tile, 8 * LENGTH);
    c4x1.intoArray(tile, 9 * LENGTH);
    c5x0.intoArray(tile, 10 * LENGTH);
    c5x1.intoArray(tile, 11 * LENGTH);
    c6x0.intoArray(tile, 12 * LENGTH);
    c6x1.intoArray(tile, 13 * LENGTH);
    c7x0.intoArray(tile, 14 * LENGTH);
    c7x1.intoArray(tile, 15 * LENGTH);
    c8x0.intoArray(tile, 16 * LENGTH);
    c8x1.intoArray(tile, 17 * LENGTH);
    c9x0.intoArray(tile, 18 * LENGTH);
    c9x1.intoArray(tile, 19 * LENGTH);
    c10x0.intoArray(tile, 20 * LENGTH);
    c10x1.intoArray(tile, 21 * LENGTH);
    c11x0.intoArray(tile, 22 * LENGTH);
    c11x1.intoArray(tile, 23 * LENGTH);
  }

  /** 6 rows; see the class comment. */
  private static void rows6(
      float[] a, int offsetA, MemorySegment packedB, long offsetB, int depth, float[] tile) {
    MemorySegment b = packedB.asSlice(offsetB, PANEL_BYTES);
    int k = Math.min(depth, MAX_DEPTH);
    FloatVector c0x0 = FloatVector.zero(F);
    FloatVector c0x1 = FloatVector.zero(F);
    FloatVector c1x0 = FloatVector.zero(F);
    FloatVector c1x1 = FloatVector.zero(F);
    FloatVector c2x0 = FloatVector.zero(F);
    FloatVector c2x1 = FloatVector.zero(F);
    FloatVector c3x0 = FloatVector.zero(F);
    FloatVector c3x1 = FloatVector.zero(F);
    FloatVector c4x0 = FloatVector.zero(F);
    FloatVector c4x1 = FloatVector.zero(F);
    FloatVector c5x0 = FloatVector.zero(F);
    FloatVector c5x1 = FloatVector.zero(F);
    for (int p = 0; p < k; p++) {
      int pa = offsetA + p;
      long pb = p * ROW_BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(F, b, pb, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, b, pb + BYTES, ORDER);
      FloatVector a0 = FloatVector.broadcast(F, a[pa]);
      c0x0 = a0.fma(b0, c0x0);
      c0x1 = a0.fma(b1, c0x1);
      FloatVector a1 = FloatVector.broadcast(F, a[pa + ROW_PITCH]);
      c1x0 = a1.fma(b0, c1x0);
      c1x1 = a1.fma(b1, c1x1);
      if (p == depth) {
        break; // never, see the class comment
      }
      FloatVector a2 = FloatVector.broadcast(F, a[pa + 2 * ROW_PITCH]);
      c2x0 = a2.fma(b0, c2x0);
      c2x1 = a2.fma(b1, c2x1);
      FloatVector a3 = FloatVector.broadcast(F, a[pa + 3 * ROW_PITCH]);
      c3x0 = a3.fma(b0, c3x0);
      c3x1 = a3.fma(b1, c3x1);
      FloatVector a4 = FloatVector.broadcast(F, a[pa + 4 * ROW_PITCH]);
      c4x0 = a4.fma(b0, c4x0);
      c4x1 = a4.fma(b1, c4x1);
      FloatVector a5 = FloatVector.broadcast(F, a[pa + 5 * ROW_PITCH]);
      c5x0 = a5.fma(b0, c5x0);
      c5x1 = a5.fma(b1, c5x1);
    }
    c0x0.intoArray(tile, 0 * LENGTH);
    c0x1.intoArray(tile, 1 * LENGTH);
    c1x0.intoArray(tile, 2 * LENGTH);
    c1x1.intoArray(tile, 3 * LENGTH);
    c2x0.intoArray(tile, 4 * LENGTH);
    c2x1.intoArray(tile, 5 * LENGTH);
    c3x0.intoArray(tile, 6 * LENGTH);
    c3x1.intoArray(tile, 7 * LENGTH);
    c4x0.intoArray(tile, 8 * LENGTH);
    c4x1.intoArray(tile, 9 * LENGTH);
    c5x0.intoArray(tile, 10 * LENGTH);
    c5x1.intoArray(tile, 11 * LENGTH);
  }

  /** 4 rows; see the class comment. */
  private static void rows4(
      float[] a, int offsetA, MemorySegment packedB, long offsetB, int depth, float[] tile) {
    MemorySegment b = packedB.asSlice(offsetB, PANEL_BYTES);
    int k = Math.min(depth, MAX_DEPTH);
    FloatVector c0x0 = FloatVector.zero(F);
    FloatVector c0x1 = FloatVector.zero(F);
    FloatVector c1x0 = FloatVector.zero(F);
    FloatVector c1x1 = FloatVector.zero(F);
    FloatVector c2x0 = FloatVector.zero(F);
    FloatVector c2x1 = FloatVector.zero(F);
    FloatVector c3x0 = FloatVector.zero(F);
    FloatVector c3x1 = FloatVector.zero(F);
    for (int p = 0; p < k; p++) {
      int pa = offsetA + p;
      long pb = p * ROW_BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(F, b, pb, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, b, pb + BYTES, ORDER);
      FloatVector a0 = FloatVector.broadcast(F, a[pa]);
      c0x0 = a0.fma(b0, c0x0);
      c0x1 = a0.fma(b1, c0x1);
      FloatVector a1 = FloatVector.broadcast(F, a[pa + ROW_PITCH]);
      c1x0 = a1.fma(b0, c1x0);
      c1x1 = a1.fma(b1, c1x1);
      FloatVector a2 = FloatVector.broadcast(F, a[pa + 2 * ROW_PITCH]);
      c2x0 = a2.fma(b0, c2x0);
      c2x1 = a2.fma(b1, c2x1);
      FloatVector a3 = FloatVector.broadcast(F, a[pa + 3 * ROW_PITCH]);
      c3x0 = a3.fma(b0, c3x0);
      c3x1 = a3.fma(b1, c3x1);
    }
    c0x0.intoArray(tile, 0 * LENGTH);
    c0x1.intoArray(tile, 1 * LENGTH);
    c1x0.intoArray(tile, 2 * LENGTH);
    c1x1.intoArray(tile, 3 * LENGTH);
    c2x0.intoArray(tile, 4 * LENGTH);
    c2x1.intoArray(tile, 5 * LENGTH);
    c3x0.intoArray(tile, 6 * LENGTH);
    c3x1.intoArray(tile, 7 * LENGTH);
  }
}
