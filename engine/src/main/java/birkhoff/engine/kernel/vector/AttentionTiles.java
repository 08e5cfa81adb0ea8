package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/**
 * Register-blocked products of small matrices that all lie in one scratch segment, cut in panels of
 * {@value #PANEL} columns. Every row of every panel is {@link #ROW} bytes long: with strides that
 * the compiler knows, bounds checks leave the loops. Offsets are in bytes.
 */
final class AttentionTiles {
  /** Columns of a panel; queries of a strip. */
  static final int PANEL = 64;

  /** Bytes from one row of a panel to the next. */
  static final long ROW = PANEL * 4L;

  /** Rows of a register block. */
  static final int ROWS = 4;

  /** Columns of the narrowest register block. */
  static final int COLUMNS = 2 * LENGTH;

  // Bytes to the second, third and fourth vector of a row.
  private static final long V1 = Lanes.BYTES;
  private static final long V2 = 2 * V1;
  private static final long V3 = 3 * V1;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

  private AttentionTiles() {}

  /** {@code n} rounded up to whole rows of register blocks. */
  static int rows(int n) {
    return (n + ROWS - 1) & -ROWS;
  }

  /** {@code n} rounded up to whole columns of register blocks, at most a panel. */
  static int columns(int n) {
    return Math.min(PANEL, (n + COLUMNS - 1) & -COLUMNS);
  }

  /**
   * {@code C = A·B} for {@value #ROWS} rows and the columns {@code [from, to)}: A has its terms
   * along the row, going on in the next panel {@code aPanel} bytes further; B has a row per term.
   */
  static void product(
      MemorySegment s, long a, long aPanel, long b, long c, int terms, int from, int to) {
    int column = from;
    if (LENGTH == 16) {
      for (; column + 4 * LENGTH <= to; column += 4 * LENGTH) {
        product4x4(s, a, aPanel, b + 4L * column, c + 4L * column, terms);
      }
    }
    for (; column < to; column += COLUMNS) {
      product4x2(s, a, aPanel, b + 4L * column, c + 4L * column, terms);
    }
  }

  /** {@code C += A·B} for the columns {@code [0, to)}, with all terms in one panel of A. */
  static void accumulate(MemorySegment s, long a, long b, long c, int terms, int to) {
    int column = 0;
    if (LENGTH == 16) {
      for (; column + 4 * LENGTH <= to; column += 4 * LENGTH) {
        accumulate4x4(s, a, b + 4L * column, c + 4L * column, terms);
      }
    }
    for (; column < to; column += COLUMNS) {
      accumulate4x2(s, a, b + 4L * column, c + 4L * column, terms);
    }
  }

  /**
   * {@code C = Aᵀ·B} for {@value #ROWS} rows and the columns {@code [0, to)}: A and B have a row
   * per term.
   */
  static void transposedProduct(MemorySegment s, long a, long b, long c, int terms, int to) {
    int column = 0;
    if (LENGTH == 16) {
      for (; column + 4 * LENGTH <= to; column += 4 * LENGTH) {
        transposed4x4(s, a, b + 4L * column, c + 4L * column, terms);
      }
    }
    for (; column < to; column += COLUMNS) {
      transposed4x2(s, a, b + 4L * column, c + 4L * column, terms);
    }
  }

  // Each register block is a method of its own, without helpers: one that is too large is left
  // uncompiled, and a vector that crosses a call which is not inlined is boxed.

  private static void product4x4(MemorySegment s, long a, long aPanel, long b, long c, int terms) {
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
    for (int first = 0; first < terms; first += PANEL) {
      int count = Math.min(PANEL, terms - first);
      for (int k = 0; k < count; k++) {
        long bk = b + k * ROW;
        FloatVector b0 = FloatVector.fromMemorySegment(F, s, bk, ORDER);
        FloatVector b1 = FloatVector.fromMemorySegment(F, s, bk + V1, ORDER);
        FloatVector b2 = FloatVector.fromMemorySegment(F, s, bk + V2, ORDER);
        FloatVector b3 = FloatVector.fromMemorySegment(F, s, bk + V3, ORDER);
        long ak = a + k * 4L;
        FloatVector a0 = FloatVector.broadcast(F, s.get(FLOAT, ak));
        c00 = a0.fma(b0, c00);
        c01 = a0.fma(b1, c01);
        c02 = a0.fma(b2, c02);
        c03 = a0.fma(b3, c03);
        FloatVector a1 = FloatVector.broadcast(F, s.get(FLOAT, ak + ROW));
        c10 = a1.fma(b0, c10);
        c11 = a1.fma(b1, c11);
        c12 = a1.fma(b2, c12);
        c13 = a1.fma(b3, c13);
        FloatVector a2 = FloatVector.broadcast(F, s.get(FLOAT, ak + 2 * ROW));
        c20 = a2.fma(b0, c20);
        c21 = a2.fma(b1, c21);
        c22 = a2.fma(b2, c22);
        c23 = a2.fma(b3, c23);
        FloatVector a3 = FloatVector.broadcast(F, s.get(FLOAT, ak + 3 * ROW));
        c30 = a3.fma(b0, c30);
        c31 = a3.fma(b1, c31);
        c32 = a3.fma(b2, c32);
        c33 = a3.fma(b3, c33);
      }
      a += aPanel;
      b += PANEL * ROW;
    }
    c00.intoMemorySegment(s, c, ORDER);
    c01.intoMemorySegment(s, c + V1, ORDER);
    c02.intoMemorySegment(s, c + V2, ORDER);
    c03.intoMemorySegment(s, c + V3, ORDER);
    c10.intoMemorySegment(s, c + ROW, ORDER);
    c11.intoMemorySegment(s, c + ROW + V1, ORDER);
    c12.intoMemorySegment(s, c + ROW + V2, ORDER);
    c13.intoMemorySegment(s, c + ROW + V3, ORDER);
    c20.intoMemorySegment(s, c + 2 * ROW, ORDER);
    c21.intoMemorySegment(s, c + 2 * ROW + V1, ORDER);
    c22.intoMemorySegment(s, c + 2 * ROW + V2, ORDER);
    c23.intoMemorySegment(s, c + 2 * ROW + V3, ORDER);
    c30.intoMemorySegment(s, c + 3 * ROW, ORDER);
    c31.intoMemorySegment(s, c + 3 * ROW + V1, ORDER);
    c32.intoMemorySegment(s, c + 3 * ROW + V2, ORDER);
    c33.intoMemorySegment(s, c + 3 * ROW + V3, ORDER);
  }

  private static void accumulate4x4(MemorySegment s, long a, long b, long c, int terms) {
    FloatVector c00 = FloatVector.fromMemorySegment(F, s, c, ORDER);
    FloatVector c01 = FloatVector.fromMemorySegment(F, s, c + V1, ORDER);
    FloatVector c02 = FloatVector.fromMemorySegment(F, s, c + V2, ORDER);
    FloatVector c03 = FloatVector.fromMemorySegment(F, s, c + V3, ORDER);
    FloatVector c10 = FloatVector.fromMemorySegment(F, s, c + ROW, ORDER);
    FloatVector c11 = FloatVector.fromMemorySegment(F, s, c + ROW + V1, ORDER);
    FloatVector c12 = FloatVector.fromMemorySegment(F, s, c + ROW + V2, ORDER);
    FloatVector c13 = FloatVector.fromMemorySegment(F, s, c + ROW + V3, ORDER);
    FloatVector c20 = FloatVector.fromMemorySegment(F, s, c + 2 * ROW, ORDER);
    FloatVector c21 = FloatVector.fromMemorySegment(F, s, c + 2 * ROW + V1, ORDER);
    FloatVector c22 = FloatVector.fromMemorySegment(F, s, c + 2 * ROW + V2, ORDER);
    FloatVector c23 = FloatVector.fromMemorySegment(F, s, c + 2 * ROW + V3, ORDER);
    FloatVector c30 = FloatVector.fromMemorySegment(F, s, c + 3 * ROW, ORDER);
    FloatVector c31 = FloatVector.fromMemorySegment(F, s, c + 3 * ROW + V1, ORDER);
    FloatVector c32 = FloatVector.fromMemorySegment(F, s, c + 3 * ROW + V2, ORDER);
    FloatVector c33 = FloatVector.fromMemorySegment(F, s, c + 3 * ROW + V3, ORDER);
    for (int k = 0; k < terms; k++) {
      long bk = b + k * ROW;
      FloatVector b0 = FloatVector.fromMemorySegment(F, s, bk, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, s, bk + V1, ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(F, s, bk + V2, ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(F, s, bk + V3, ORDER);
      long ak = a + k * 4L;
      FloatVector a0 = FloatVector.broadcast(F, s.get(FLOAT, ak));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = FloatVector.broadcast(F, s.get(FLOAT, ak + ROW));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      FloatVector a2 = FloatVector.broadcast(F, s.get(FLOAT, ak + 2 * ROW));
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      FloatVector a3 = FloatVector.broadcast(F, s.get(FLOAT, ak + 3 * ROW));
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
    }
    c00.intoMemorySegment(s, c, ORDER);
    c01.intoMemorySegment(s, c + V1, ORDER);
    c02.intoMemorySegment(s, c + V2, ORDER);
    c03.intoMemorySegment(s, c + V3, ORDER);
    c10.intoMemorySegment(s, c + ROW, ORDER);
    c11.intoMemorySegment(s, c + ROW + V1, ORDER);
    c12.intoMemorySegment(s, c + ROW + V2, ORDER);
    c13.intoMemorySegment(s, c + ROW + V3, ORDER);
    c20.intoMemorySegment(s, c + 2 * ROW, ORDER);
    c21.intoMemorySegment(s, c + 2 * ROW + V1, ORDER);
    c22.intoMemorySegment(s, c + 2 * ROW + V2, ORDER);
    c23.intoMemorySegment(s, c + 2 * ROW + V3, ORDER);
    c30.intoMemorySegment(s, c + 3 * ROW, ORDER);
    c31.intoMemorySegment(s, c + 3 * ROW + V1, ORDER);
    c32.intoMemorySegment(s, c + 3 * ROW + V2, ORDER);
    c33.intoMemorySegment(s, c + 3 * ROW + V3, ORDER);
  }

  private static void transposed4x4(MemorySegment s, long a, long b, long c, int terms) {
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
    for (int k = 0; k < terms; k++) {
      long bk = b + k * ROW;
      FloatVector b0 = FloatVector.fromMemorySegment(F, s, bk, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, s, bk + V1, ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(F, s, bk + V2, ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(F, s, bk + V3, ORDER);
      long ak = a + k * ROW;
      FloatVector a0 = FloatVector.broadcast(F, s.get(FLOAT, ak));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = FloatVector.broadcast(F, s.get(FLOAT, ak + 4));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      FloatVector a2 = FloatVector.broadcast(F, s.get(FLOAT, ak + 8));
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      FloatVector a3 = FloatVector.broadcast(F, s.get(FLOAT, ak + 12));
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
    }
    c00.intoMemorySegment(s, c, ORDER);
    c01.intoMemorySegment(s, c + V1, ORDER);
    c02.intoMemorySegment(s, c + V2, ORDER);
    c03.intoMemorySegment(s, c + V3, ORDER);
    c10.intoMemorySegment(s, c + ROW, ORDER);
    c11.intoMemorySegment(s, c + ROW + V1, ORDER);
    c12.intoMemorySegment(s, c + ROW + V2, ORDER);
    c13.intoMemorySegment(s, c + ROW + V3, ORDER);
    c20.intoMemorySegment(s, c + 2 * ROW, ORDER);
    c21.intoMemorySegment(s, c + 2 * ROW + V1, ORDER);
    c22.intoMemorySegment(s, c + 2 * ROW + V2, ORDER);
    c23.intoMemorySegment(s, c + 2 * ROW + V3, ORDER);
    c30.intoMemorySegment(s, c + 3 * ROW, ORDER);
    c31.intoMemorySegment(s, c + 3 * ROW + V1, ORDER);
    c32.intoMemorySegment(s, c + 3 * ROW + V2, ORDER);
    c33.intoMemorySegment(s, c + 3 * ROW + V3, ORDER);
  }

  private static void product4x2(MemorySegment s, long a, long aPanel, long b, long c, int terms) {
    FloatVector c00 = FloatVector.zero(F);
    FloatVector c01 = FloatVector.zero(F);
    FloatVector c10 = FloatVector.zero(F);
    FloatVector c11 = FloatVector.zero(F);
    FloatVector c20 = FloatVector.zero(F);
    FloatVector c21 = FloatVector.zero(F);
    FloatVector c30 = FloatVector.zero(F);
    FloatVector c31 = FloatVector.zero(F);
    for (int first = 0; first < terms; first += PANEL) {
      int count = Math.min(PANEL, terms - first);
      for (int k = 0; k < count; k++) {
        long bk = b + k * ROW;
        FloatVector b0 = FloatVector.fromMemorySegment(F, s, bk, ORDER);
        FloatVector b1 = FloatVector.fromMemorySegment(F, s, bk + V1, ORDER);
        long ak = a + k * 4L;
        FloatVector a0 = FloatVector.broadcast(F, s.get(FLOAT, ak));
        c00 = a0.fma(b0, c00);
        c01 = a0.fma(b1, c01);
        FloatVector a1 = FloatVector.broadcast(F, s.get(FLOAT, ak + ROW));
        c10 = a1.fma(b0, c10);
        c11 = a1.fma(b1, c11);
        FloatVector a2 = FloatVector.broadcast(F, s.get(FLOAT, ak + 2 * ROW));
        c20 = a2.fma(b0, c20);
        c21 = a2.fma(b1, c21);
        FloatVector a3 = FloatVector.broadcast(F, s.get(FLOAT, ak + 3 * ROW));
        c30 = a3.fma(b0, c30);
        c31 = a3.fma(b1, c31);
      }
      a += aPanel;
      b += PANEL * ROW;
    }
    c00.intoMemorySegment(s, c, ORDER);
    c01.intoMemorySegment(s, c + V1, ORDER);
    c10.intoMemorySegment(s, c + ROW, ORDER);
    c11.intoMemorySegment(s, c + ROW + V1, ORDER);
    c20.intoMemorySegment(s, c + 2 * ROW, ORDER);
    c21.intoMemorySegment(s, c + 2 * ROW + V1, ORDER);
    c30.intoMemorySegment(s, c + 3 * ROW, ORDER);
    c31.intoMemorySegment(s, c + 3 * ROW + V1, ORDER);
  }

  private static void accumulate4x2(MemorySegment s, long a, long b, long c, int terms) {
    FloatVector c00 = FloatVector.fromMemorySegment(F, s, c, ORDER);
    FloatVector c01 = FloatVector.fromMemorySegment(F, s, c + V1, ORDER);
    FloatVector c10 = FloatVector.fromMemorySegment(F, s, c + ROW, ORDER);
    FloatVector c11 = FloatVector.fromMemorySegment(F, s, c + ROW + V1, ORDER);
    FloatVector c20 = FloatVector.fromMemorySegment(F, s, c + 2 * ROW, ORDER);
    FloatVector c21 = FloatVector.fromMemorySegment(F, s, c + 2 * ROW + V1, ORDER);
    FloatVector c30 = FloatVector.fromMemorySegment(F, s, c + 3 * ROW, ORDER);
    FloatVector c31 = FloatVector.fromMemorySegment(F, s, c + 3 * ROW + V1, ORDER);
    for (int k = 0; k < terms; k++) {
      long bk = b + k * ROW;
      FloatVector b0 = FloatVector.fromMemorySegment(F, s, bk, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, s, bk + V1, ORDER);
      long ak = a + k * 4L;
      FloatVector a0 = FloatVector.broadcast(F, s.get(FLOAT, ak));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(F, s.get(FLOAT, ak + ROW));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(F, s.get(FLOAT, ak + 2 * ROW));
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(F, s.get(FLOAT, ak + 3 * ROW));
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    c00.intoMemorySegment(s, c, ORDER);
    c01.intoMemorySegment(s, c + V1, ORDER);
    c10.intoMemorySegment(s, c + ROW, ORDER);
    c11.intoMemorySegment(s, c + ROW + V1, ORDER);
    c20.intoMemorySegment(s, c + 2 * ROW, ORDER);
    c21.intoMemorySegment(s, c + 2 * ROW + V1, ORDER);
    c30.intoMemorySegment(s, c + 3 * ROW, ORDER);
    c31.intoMemorySegment(s, c + 3 * ROW + V1, ORDER);
  }

  private static void transposed4x2(MemorySegment s, long a, long b, long c, int terms) {
    FloatVector c00 = FloatVector.zero(F);
    FloatVector c01 = FloatVector.zero(F);
    FloatVector c10 = FloatVector.zero(F);
    FloatVector c11 = FloatVector.zero(F);
    FloatVector c20 = FloatVector.zero(F);
    FloatVector c21 = FloatVector.zero(F);
    FloatVector c30 = FloatVector.zero(F);
    FloatVector c31 = FloatVector.zero(F);
    for (int k = 0; k < terms; k++) {
      long bk = b + k * ROW;
      FloatVector b0 = FloatVector.fromMemorySegment(F, s, bk, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, s, bk + V1, ORDER);
      long ak = a + k * ROW;
      FloatVector a0 = FloatVector.broadcast(F, s.get(FLOAT, ak));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(F, s.get(FLOAT, ak + 4));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(F, s.get(FLOAT, ak + 8));
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(F, s.get(FLOAT, ak + 12));
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    c00.intoMemorySegment(s, c, ORDER);
    c01.intoMemorySegment(s, c + V1, ORDER);
    c10.intoMemorySegment(s, c + ROW, ORDER);
    c11.intoMemorySegment(s, c + ROW + V1, ORDER);
    c20.intoMemorySegment(s, c + 2 * ROW, ORDER);
    c21.intoMemorySegment(s, c + 2 * ROW + V1, ORDER);
    c30.intoMemorySegment(s, c + 3 * ROW, ORDER);
    c31.intoMemorySegment(s, c + 3 * ROW + V1, ORDER);
  }
}
