package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.GemmMicroKernel.MAX_DEPTH;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.PANEL_BYTES;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.ROW_BYTES;
import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/**
 * {@link GemmMicroKernel} that reads the rows of A where they lie, without packing. Every row is a
 * slice of constant length, which the JIT needs to keep bounds checks out of the loop. It loads the
 * elements of all rows before it multiplies, so nine rows are what 32 vector registers hold. Sums
 * have the same order, so the same bits.
 */
final class GemmInPlaceKernel {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Rows of a tile. */
  static final int ROWS = 9;

  /** Whether this machine has the registers. */
  static final boolean AVAILABLE = LENGTH == 16;

  /** Bytes that every row of A must reach beyond the first element in use. */
  static final long REACH = (long) MAX_DEPTH * Float.BYTES;

  private GemmInPlaceKernel() {}

  /** Computes a tile; {@code a} reaches {@link #REACH} beyond the first byte of each row. */
  static void tile(
      MemorySegment a,
      long at,
      long rowBytes,
      MemorySegment packedB,
      long offsetB,
      int depth,
      float[] tile) {
    MemorySegment b = packedB.asSlice(offsetB, PANEL_BYTES);
    int k = Math.min(depth, MAX_DEPTH);
    MemorySegment r0 = a.asSlice(at, REACH);
    MemorySegment r1 = a.asSlice(at + rowBytes, REACH);
    MemorySegment r2 = a.asSlice(at + 2 * rowBytes, REACH);
    MemorySegment r3 = a.asSlice(at + 3 * rowBytes, REACH);
    MemorySegment r4 = a.asSlice(at + 4 * rowBytes, REACH);
    MemorySegment r5 = a.asSlice(at + 5 * rowBytes, REACH);
    MemorySegment r6 = a.asSlice(at + 6 * rowBytes, REACH);
    MemorySegment r7 = a.asSlice(at + 7 * rowBytes, REACH);
    MemorySegment r8 = a.asSlice(at + 8 * rowBytes, REACH);
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
    for (int p = 0; p < k; p++) {
      long pa = (long) p * Float.BYTES;
      long pb = p * ROW_BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(F, b, pb, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, b, pb + BYTES, ORDER);
      FloatVector a0 = FloatVector.broadcast(F, r0.get(FLOAT, pa));
      c0x0 = a0.fma(b0, c0x0);
      c0x1 = a0.fma(b1, c0x1);
      FloatVector a1 = FloatVector.broadcast(F, r1.get(FLOAT, pa));
      c1x0 = a1.fma(b0, c1x0);
      c1x1 = a1.fma(b1, c1x1);
      FloatVector a2 = FloatVector.broadcast(F, r2.get(FLOAT, pa));
      c2x0 = a2.fma(b0, c2x0);
      c2x1 = a2.fma(b1, c2x1);
      FloatVector a3 = FloatVector.broadcast(F, r3.get(FLOAT, pa));
      c3x0 = a3.fma(b0, c3x0);
      c3x1 = a3.fma(b1, c3x1);
      FloatVector a4 = FloatVector.broadcast(F, r4.get(FLOAT, pa));
      c4x0 = a4.fma(b0, c4x0);
      c4x1 = a4.fma(b1, c4x1);
      FloatVector a5 = FloatVector.broadcast(F, r5.get(FLOAT, pa));
      c5x0 = a5.fma(b0, c5x0);
      c5x1 = a5.fma(b1, c5x1);
      FloatVector a6 = FloatVector.broadcast(F, r6.get(FLOAT, pa));
      c6x0 = a6.fma(b0, c6x0);
      c6x1 = a6.fma(b1, c6x1);
      FloatVector a7 = FloatVector.broadcast(F, r7.get(FLOAT, pa));
      c7x0 = a7.fma(b0, c7x0);
      c7x1 = a7.fma(b1, c7x1);
      FloatVector a8 = FloatVector.broadcast(F, r8.get(FLOAT, pa));
      c8x0 = a8.fma(b0, c8x0);
      c8x1 = a8.fma(b1, c8x1);
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
  }
}
