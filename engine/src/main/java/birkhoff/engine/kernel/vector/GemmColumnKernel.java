package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.GemmMicroKernel.MAX_DEPTH;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.PANEL_BYTES;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.ROWS;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.ROW_BYTES;
import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/**
 * {@link GemmMicroKernel} for an {@code A} that lies transposed: its columns are short pieces of
 * memory, packed one after the other, so nothing has to be transposed. A block is always a full
 * tile high; rows beyond the operand's edge are arbitrary. Sums have the same order, so the same
 * bits.
 */
final class GemmColumnKernel {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Bytes of one packed column of A. */
  static final long COLUMN_BYTES = (long) ROWS * Float.BYTES;

  private static final long BLOCK_BYTES = MAX_DEPTH * COLUMN_BYTES;

  /**
   * Bytes from one block of packed rows to the next: its last column is stored as whole vectors.
   */
  static final long PITCH_BYTES = BLOCK_BYTES + 64;

  private GemmColumnKernel() {}

  /**
   * Computes a tile of {@link GemmMicroKernel#ROWS} rows. {@code packedA} reaches {@link
   * #PITCH_BYTES} and {@code packedB} {@link GemmMicroKernel#PANEL_BYTES} beyond its offset.
   */
  static void tile(
      MemorySegment packedA,
      long offsetA,
      MemorySegment packedB,
      long offsetB,
      int depth,
      float[] tile) {
    if (ROWS == 6) {
      rows6(packedA, offsetA, packedB, offsetB, depth, tile);
    } else {
      rows12(packedA, offsetA, packedB, offsetB, depth, tile);
    }
  }

  /** 12 rows; see the class comment. */
  private static void rows12(
      MemorySegment packedA,
      long offsetA,
      MemorySegment packedB,
      long offsetB,
      int depth,
      float[] tile) {
    MemorySegment a = packedA.asSlice(offsetA, BLOCK_BYTES);
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
      long pa = p * COLUMN_BYTES;
      long pb = p * ROW_BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(F, b, pb, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, b, pb + BYTES, ORDER);
      FloatVector a0 = FloatVector.broadcast(F, a.get(FLOAT, pa));
      c0x0 = a0.fma(b0, c0x0);
      c0x1 = a0.fma(b1, c0x1);
      FloatVector a1 = FloatVector.broadcast(F, a.get(FLOAT, pa + 4));
      c1x0 = a1.fma(b0, c1x0);
      c1x1 = a1.fma(b1, c1x1);
      FloatVector a2 = FloatVector.broadcast(F, a.get(FLOAT, pa + 8));
      c2x0 = a2.fma(b0, c2x0);
      c2x1 = a2.fma(b1, c2x1);
      FloatVector a3 = FloatVector.broadcast(F, a.get(FLOAT, pa + 12));
      c3x0 = a3.fma(b0, c3x0);
      c3x1 = a3.fma(b1, c3x1);
      FloatVector a4 = FloatVector.broadcast(F, a.get(FLOAT, pa + 16));
      c4x0 = a4.fma(b0, c4x0);
      c4x1 = a4.fma(b1, c4x1);
      FloatVector a5 = FloatVector.broadcast(F, a.get(FLOAT, pa + 20));
      c5x0 = a5.fma(b0, c5x0);
      c5x1 = a5.fma(b1, c5x1);
      FloatVector a6 = FloatVector.broadcast(F, a.get(FLOAT, pa + 24));
      c6x0 = a6.fma(b0, c6x0);
      c6x1 = a6.fma(b1, c6x1);
      FloatVector a7 = FloatVector.broadcast(F, a.get(FLOAT, pa + 28));
      c7x0 = a7.fma(b0, c7x0);
      c7x1 = a7.fma(b1, c7x1);
      FloatVector a8 = FloatVector.broadcast(F, a.get(FLOAT, pa + 32));
      c8x0 = a8.fma(b0, c8x0);
      c8x1 = a8.fma(b1, c8x1);
      FloatVector a9 = FloatVector.broadcast(F, a.get(FLOAT, pa + 36));
      c9x0 = a9.fma(b0, c9x0);
      c9x1 = a9.fma(b1, c9x1);
      FloatVector a10 = FloatVector.broadcast(F, a.get(FLOAT, pa + 40));
      c10x0 = a10.fma(b0, c10x0);
      c10x1 = a10.fma(b1, c10x1);
      FloatVector a11 = FloatVector.broadcast(F, a.get(FLOAT, pa + 44));
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
      MemorySegment packedA,
      long offsetA,
      MemorySegment packedB,
      long offsetB,
      int depth,
      float[] tile) {
    MemorySegment a = packedA.asSlice(offsetA, BLOCK_BYTES);
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
      long pa = p * COLUMN_BYTES;
      long pb = p * ROW_BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(F, b, pb, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, b, pb + BYTES, ORDER);
      FloatVector a0 = FloatVector.broadcast(F, a.get(FLOAT, pa));
      c0x0 = a0.fma(b0, c0x0);
      c0x1 = a0.fma(b1, c0x1);
      FloatVector a1 = FloatVector.broadcast(F, a.get(FLOAT, pa + 4));
      c1x0 = a1.fma(b0, c1x0);
      c1x1 = a1.fma(b1, c1x1);
      if (p == depth) {
        break; // never, see GemmMicroKernel
      }
      FloatVector a2 = FloatVector.broadcast(F, a.get(FLOAT, pa + 8));
      c2x0 = a2.fma(b0, c2x0);
      c2x1 = a2.fma(b1, c2x1);
      FloatVector a3 = FloatVector.broadcast(F, a.get(FLOAT, pa + 12));
      c3x0 = a3.fma(b0, c3x0);
      c3x1 = a3.fma(b1, c3x1);
      FloatVector a4 = FloatVector.broadcast(F, a.get(FLOAT, pa + 16));
      c4x0 = a4.fma(b0, c4x0);
      c4x1 = a4.fma(b1, c4x1);
      FloatVector a5 = FloatVector.broadcast(F, a.get(FLOAT, pa + 20));
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
}
