package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.AttentionTiles.PANEL;
import static birkhoff.engine.kernel.vector.AttentionTiles.PANEL_BYTES;
import static birkhoff.engine.kernel.vector.AttentionTiles.ROW;
import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/**
 * The register blocks of {@link AttentionTiles#transposedProduct}, made like those of {@link
 * AttentionRows}.
 */
final class AttentionColumns {
  // Without a check of the alignment.
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private static final long BLOCK_BYTES = AttentionTiles.ROWS * ROW;
  private static final long V1 = BYTES;
  private static final long V2 = 2 * V1;
  private static final long V3 = 3 * V1;

  private AttentionColumns() {}

  static void product4x4(MemorySegment s, long a, long b, long c, int terms, boolean add) {
    MemorySegment as = s.asSlice(a, PANEL_BYTES);
    MemorySegment bs = s.asSlice(b, PANEL_BYTES);
    MemorySegment cs = s.asSlice(c, BLOCK_BYTES);
    int count = Math.min(PANEL, terms);
    FloatVector c00 = FloatVector.zero(F);
    FloatVector c01 = FloatVector.zero(F);
    FloatVector c02 = FloatVector.zero(F);
    FloatVector c03 = FloatVector.zero(F);
    FloatVector c10 = FloatVector.zero(F);
    FloatVector c11 = FloatVector.zero(F);
    FloatVector c12 = FloatVector.zero(F);
    FloatVector c13 = FloatVector.zero(F);
    FloatVector c20 = FloatVector.zero(F);
    FloatVector c21 = FloatVector.zero(F);
    FloatVector c22 = FloatVector.zero(F);
    FloatVector c23 = FloatVector.zero(F);
    FloatVector c30 = FloatVector.zero(F);
    FloatVector c31 = FloatVector.zero(F);
    FloatVector c32 = FloatVector.zero(F);
    FloatVector c33 = FloatVector.zero(F);
    if (add) {
      c00 = FloatVector.fromMemorySegment(F, cs, 0, ORDER);
      c01 = FloatVector.fromMemorySegment(F, cs, V1, ORDER);
      c02 = FloatVector.fromMemorySegment(F, cs, V2, ORDER);
      c03 = FloatVector.fromMemorySegment(F, cs, V3, ORDER);
      c10 = FloatVector.fromMemorySegment(F, cs, ROW, ORDER);
      c11 = FloatVector.fromMemorySegment(F, cs, ROW + V1, ORDER);
      c12 = FloatVector.fromMemorySegment(F, cs, ROW + V2, ORDER);
      c13 = FloatVector.fromMemorySegment(F, cs, ROW + V3, ORDER);
      c20 = FloatVector.fromMemorySegment(F, cs, 2 * ROW, ORDER);
      c21 = FloatVector.fromMemorySegment(F, cs, 2 * ROW + V1, ORDER);
      c22 = FloatVector.fromMemorySegment(F, cs, 2 * ROW + V2, ORDER);
      c23 = FloatVector.fromMemorySegment(F, cs, 2 * ROW + V3, ORDER);
      c30 = FloatVector.fromMemorySegment(F, cs, 3 * ROW, ORDER);
      c31 = FloatVector.fromMemorySegment(F, cs, 3 * ROW + V1, ORDER);
      c32 = FloatVector.fromMemorySegment(F, cs, 3 * ROW + V2, ORDER);
      c33 = FloatVector.fromMemorySegment(F, cs, 3 * ROW + V3, ORDER);
    }
    for (int k = 0; k < count; k++) {
      long bk = k * ROW;
      FloatVector b0 = FloatVector.fromMemorySegment(F, bs, bk, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, bs, bk + V1, ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(F, bs, bk + V2, ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(F, bs, bk + V3, ORDER);
      long ak = k * ROW;
      FloatVector a0 = FloatVector.broadcast(F, as.get(FLOAT, ak));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = FloatVector.broadcast(F, as.get(FLOAT, ak + 4));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      if (k == terms) {
        break; // never
      }
      FloatVector a2 = FloatVector.broadcast(F, as.get(FLOAT, ak + 8));
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      FloatVector a3 = FloatVector.broadcast(F, as.get(FLOAT, ak + 12));
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
    }
    c00.intoMemorySegment(cs, 0, ORDER);
    c01.intoMemorySegment(cs, V1, ORDER);
    c02.intoMemorySegment(cs, V2, ORDER);
    c03.intoMemorySegment(cs, V3, ORDER);
    c10.intoMemorySegment(cs, ROW, ORDER);
    c11.intoMemorySegment(cs, ROW + V1, ORDER);
    c12.intoMemorySegment(cs, ROW + V2, ORDER);
    c13.intoMemorySegment(cs, ROW + V3, ORDER);
    c20.intoMemorySegment(cs, 2 * ROW, ORDER);
    c21.intoMemorySegment(cs, 2 * ROW + V1, ORDER);
    c22.intoMemorySegment(cs, 2 * ROW + V2, ORDER);
    c23.intoMemorySegment(cs, 2 * ROW + V3, ORDER);
    c30.intoMemorySegment(cs, 3 * ROW, ORDER);
    c31.intoMemorySegment(cs, 3 * ROW + V1, ORDER);
    c32.intoMemorySegment(cs, 3 * ROW + V2, ORDER);
    c33.intoMemorySegment(cs, 3 * ROW + V3, ORDER);
  }

  static void product4x2(MemorySegment s, long a, long b, long c, int terms, boolean add) {
    MemorySegment as = s.asSlice(a, PANEL_BYTES);
    MemorySegment bs = s.asSlice(b, PANEL_BYTES);
    MemorySegment cs = s.asSlice(c, BLOCK_BYTES);
    int count = Math.min(PANEL, terms);
    FloatVector c00 = FloatVector.zero(F);
    FloatVector c01 = FloatVector.zero(F);
    FloatVector c10 = FloatVector.zero(F);
    FloatVector c11 = FloatVector.zero(F);
    FloatVector c20 = FloatVector.zero(F);
    FloatVector c21 = FloatVector.zero(F);
    FloatVector c30 = FloatVector.zero(F);
    FloatVector c31 = FloatVector.zero(F);
    if (add) {
      c00 = FloatVector.fromMemorySegment(F, cs, 0, ORDER);
      c01 = FloatVector.fromMemorySegment(F, cs, V1, ORDER);
      c10 = FloatVector.fromMemorySegment(F, cs, ROW, ORDER);
      c11 = FloatVector.fromMemorySegment(F, cs, ROW + V1, ORDER);
      c20 = FloatVector.fromMemorySegment(F, cs, 2 * ROW, ORDER);
      c21 = FloatVector.fromMemorySegment(F, cs, 2 * ROW + V1, ORDER);
      c30 = FloatVector.fromMemorySegment(F, cs, 3 * ROW, ORDER);
      c31 = FloatVector.fromMemorySegment(F, cs, 3 * ROW + V1, ORDER);
    }
    for (int k = 0; k < count; k++) {
      long bk = k * ROW;
      FloatVector b0 = FloatVector.fromMemorySegment(F, bs, bk, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, bs, bk + V1, ORDER);
      long ak = k * ROW;
      FloatVector a0 = FloatVector.broadcast(F, as.get(FLOAT, ak));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(F, as.get(FLOAT, ak + 4));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      if (k == terms) {
        break; // never
      }
      FloatVector a2 = FloatVector.broadcast(F, as.get(FLOAT, ak + 8));
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(F, as.get(FLOAT, ak + 12));
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    c00.intoMemorySegment(cs, 0, ORDER);
    c01.intoMemorySegment(cs, V1, ORDER);
    c10.intoMemorySegment(cs, ROW, ORDER);
    c11.intoMemorySegment(cs, ROW + V1, ORDER);
    c20.intoMemorySegment(cs, 2 * ROW, ORDER);
    c21.intoMemorySegment(cs, 2 * ROW + V1, ORDER);
    c30.intoMemorySegment(cs, 3 * ROW, ORDER);
    c31.intoMemorySegment(cs, 3 * ROW + V1, ORDER);
  }
}
