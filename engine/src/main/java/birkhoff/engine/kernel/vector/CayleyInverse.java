package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.CayleyLanes.cell;
import static birkhoff.engine.kernel.vector.CayleyLanes.matrix;
import static birkhoff.engine.kernel.vector.DoubleLanes.D;
import static birkhoff.engine.kernel.vector.DoubleLanes.HALF;
import static birkhoff.engine.kernel.vector.DoubleLanes.at;
import static birkhoff.engine.kernel.vector.DoubleLanes.put;
import static birkhoff.engine.kernel.vector.DoubleLanes.widen;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * Inverts I + A of a group of tokens by Gauss-Jordan elimination without a search for pivots: A is
 * skew-symmetric, so each is at least 1. One half of the tokens after the other, so that as much as
 * possible stays in the first-level cache.
 */
final class CayleyInverse {
  /** Smaller matrices stay in the first-level cache, where four pivots at once did not pay. */
  private static final int FROM = 16;

  private CayleyInverse() {}

  /** Four scaled pivot rows, and four factors per row. */
  static long asideBytes(int n) {
    return 8L * n * HALF;
  }

  private static long aside(int n) {
    return 3 * matrix(n);
  }

  /** What row r is to get of each of four pivot rows. */
  private static long factors(int n, int r) {
    return aside(n) + 4L * (n + r) * HALF;
  }

  /**
   * I + A of the tokens {@code [t, t+count)} from z, then M = (I+A)^{-1} in its place: the second
   * and third matrix of scratch.
   */
  static void invert(
      int n, MemorySegment z, long tokens, long t, int count, MemorySegment scratch) {
    fill(n, z, tokens, t, count, scratch);
    half(n, matrix(n), scratch);
    half(n, 2 * matrix(n), scratch);
  }

  private static void fill(
      int n, MemorySegment z, long tokens, long t, int count, MemorySegment scratch) {
    DoubleVector one = DoubleVector.broadcast(D, 1);
    long half = matrix(n);
    long source = t * Float.BYTES;
    for (int p = 0; p < n; p++) {
      put(one, scratch, half + cell(n, p, p));
      put(one, scratch, 2 * half + cell(n, p, p));
      for (int q = p + 1; q < n; q++) {
        long above = half + cell(n, p, q);
        long below = half + cell(n, q, p);
        widen(z, source, count, scratch, above, half + above, below, half + below);
        source += tokens * Float.BYTES;
      }
    }
  }

  /** One half of the tokens; {@code m} is where its matrix begins. */
  private static void half(int n, long m, MemorySegment s) {
    long first = aside(n);
    long second = first + (long) n * HALF;
    int k = 0;
    for (; n >= FROM && n % 2 == 0 && k + 3 < n; k += 4) {
      four(n, k, m, s);
    }
    for (; k + 1 < n; k += 2) {
      pivot(n, k, m, first, s);
      eliminate(n, k, k + 1, m, first, s);
      pivot(n, k + 1, m, second, s);
      for (int r = 0; r < n; r++) {
        eliminateTwo(n, k, r, m, s);
      }
    }
    if (k < n) {
      pivot(n, k, m, first, s);
      for (int r = 0; r < n; r++) {
        eliminate(n, k, r, m, first, s);
      }
    }
  }

  /** Four pivots with one pass over the matrix, two rows at a time. */
  private static void four(int n, int k, long m, MemorySegment s) {
    long first = aside(n);
    long row = (long) n * HALF;
    for (int j = 0; j < 4; j++) {
      for (int i = 0; i < j; i++) {
        eliminate(n, k + i, k + j, m, first + i * row, s);
      }
      pivot(n, k + j, m, first + j * row, s);
    }
    pivotColumns(n, k, m, s);
    for (int r = 0; r < n; r += 2) {
      eliminateFour(n, r, 0, k, m, s);
      eliminateFour(n, r, k + 4, n, m, s);
    }
  }

  /**
   * What each row is to get of the four pivot rows, subtracted one after the other, and its entries
   * in their columns: each counts as zero when its own pivot row is subtracted, so that the pivot
   * rows before that one do not matter.
   */
  private static void pivotColumns(int n, int k, long m, MemorySegment s) {
    long row = (long) n * HALF;
    long p0 = aside(n) + (long) k * HALF;
    long p1 = p0 + row;
    long p2 = p1 + row;
    long p3 = p2 + row;
    long x = m + cell(n, 0, k);
    long f = factors(n, 0);
    for (int r = 0; r < n; r++) {
      DoubleVector f0 = at(s, x).neg();
      DoubleVector f1 = at(s, p0 + HALF).fma(f0, at(s, x + HALF)).neg();
      DoubleVector f2 = at(s, p0 + 2L * HALF).fma(f0, at(s, x + 2L * HALF));
      f2 = at(s, p1 + 2L * HALF).fma(f1, f2).neg();
      DoubleVector f3 = at(s, p0 + 3L * HALF).fma(f0, at(s, x + 3L * HALF));
      f3 = at(s, p2 + 3L * HALF).fma(f2, at(s, p1 + 3L * HALF).fma(f1, f3)).neg();
      put(f0, s, f);
      put(f1, s, f + HALF);
      put(f2, s, f + 2L * HALF);
      put(f3, s, f + 3L * HALF);
      DoubleVector e = at(s, p1).fma(f1, at(s, p0).mul(f0));
      put(at(s, p3).fma(f3, at(s, p2).fma(f2, e)), s, x);
      e = at(s, p2 + HALF).fma(f2, at(s, p1 + HALF).mul(f1));
      put(at(s, p3 + HALF).fma(f3, e), s, x + HALF);
      put(at(s, p3 + 2L * HALF).fma(f3, at(s, p2 + 2L * HALF).mul(f2)), s, x + 2L * HALF);
      put(at(s, p3 + 3L * HALF).mul(f3), s, x + 3L * HALF);
      x += (n + 1L) * HALF;
      f += 4L * HALF;
    }
  }

  /** The columns {@code [from, to)} of rows r and r+1. */
  private static void eliminateFour(int n, int r, int from, int to, long m, MemorySegment s) {
    long row = (long) n * HALF;
    long p0 = aside(n);
    long p1 = p0 + row;
    long p2 = p1 + row;
    long p3 = p2 + row;
    long x = m + cell(n, r, 0);
    long y = m + cell(n, r + 1, 0);
    long f = factors(n, r);
    DoubleVector f0 = at(s, f);
    DoubleVector f1 = at(s, f + HALF);
    DoubleVector f2 = at(s, f + 2L * HALF);
    DoubleVector f3 = at(s, f + 3L * HALF);
    DoubleVector g0 = at(s, f + 4L * HALF);
    DoubleVector g1 = at(s, f + 5L * HALF);
    DoubleVector g2 = at(s, f + 6L * HALF);
    DoubleVector g3 = at(s, f + 7L * HALF);
    for (int c = from; c < to; c++) {
      long o = (long) c * HALF;
      DoubleVector a = at(s, p0 + o);
      DoubleVector u = a.fma(f0, at(s, x + o));
      DoubleVector v = a.fma(g0, at(s, y + o));
      a = at(s, p1 + o);
      u = a.fma(f1, u);
      v = a.fma(g1, v);
      a = at(s, p2 + o);
      u = a.fma(f2, u);
      v = a.fma(g2, v);
      a = at(s, p3 + o);
      put(a.fma(f3, u), s, x + o);
      put(a.fma(g3, v), s, y + o);
    }
  }

  /**
   * Moves row k, divided by its pivot, aside, and leaves in its place what elimination turns into
   * that row: zeros, and the factor -1. Every pivot is at least 1, so none is searched.
   */
  private static void pivot(int n, int k, long m, long aside, MemorySegment s) {
    DoubleVector zero = DoubleVector.zero(D);
    DoubleVector one = DoubleVector.broadcast(D, 1);
    long row = m + cell(n, k, 0);
    long diagonal = (long) k * HALF;
    DoubleVector inverse = one.div(at(s, row + diagonal));
    for (int c = 0; c < n; c++) {
      long o = (long) c * HALF;
      put(at(s, row + o).mul(inverse), s, aside + o);
      put(zero, s, row + o);
    }
    put(inverse, s, aside + diagonal);
    put(one.neg(), s, row + diagonal);
  }

  /**
   * Row r minus its entry k times the pivot row at {@code row}; the entry itself counts as zero.
   */
  private static void eliminate(int n, int k, int r, long m, long row, MemorySegment s) {
    long a = m + cell(n, r, 0);
    long entry = a + (long) k * HALF;
    DoubleVector f = at(s, entry).neg();
    put(DoubleVector.zero(D), s, entry);
    for (int c = 0; c < n; c++) {
      long o = (long) c * HALF;
      put(at(s, row + o).fma(f, at(s, a + o)), s, a + o);
    }
  }

  /**
   * Row r minus its entries k and k+1 times the two pivot rows, one after the other, but with one
   * pass over the row. The rows of the pivots are told from others by their entries alone.
   */
  private static void eliminateTwo(int n, int k, int r, long m, MemorySegment s) {
    DoubleVector zero = DoubleVector.zero(D);
    long x = m + cell(n, r, 0);
    long first = aside(n);
    long second = first + (long) n * HALF;
    long entry = x + (long) k * HALF;
    long next = (k + 1L) * HALF;
    DoubleVector f = at(s, entry).neg();
    DoubleVector g = at(s, first + next).fma(f, at(s, x + next)).neg();
    put(zero, s, entry);
    for (int c = 0; c < n; c++) {
      long o = (long) c * HALF;
      DoubleVector v = at(s, first + o).fma(f, at(s, x + o));
      put(at(s, second + o).fma(g, v), s, x + o);
    }
    // Entry k+1 is zero after the first pivot row, as entry k is before it.
    put(at(s, second + next).fma(g, zero), s, x + next);
  }
}
