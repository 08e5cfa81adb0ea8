package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.CayleyLanes.aside;
import static birkhoff.engine.kernel.vector.CayleyLanes.cell;
import static birkhoff.engine.kernel.vector.DoubleLanes.CELL;
import static birkhoff.engine.kernel.vector.DoubleLanes.D;
import static birkhoff.engine.kernel.vector.DoubleLanes.HALF;
import static birkhoff.engine.kernel.vector.DoubleLanes.at;
import static birkhoff.engine.kernel.vector.DoubleLanes.put;
import static birkhoff.engine.kernel.vector.DoubleLanes.widen;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * Inverts I + A of a group of tokens by Gauss-Jordan elimination without a search for pivots: A is
 * skew-symmetric, so each is at least 1.
 */
final class CayleyInverse {
  /** Smaller matrices stay in the first-level cache, where four pivots at once do not pay. */
  private static final int FROM = 16;

  private CayleyInverse() {}

  /** I + A of the tokens {@code [t, t+count)} from z, then M = (I+A)^{-1} in its place. */
  static void invert(
      int n, MemorySegment z, long tokens, long t, int count, MemorySegment scratch) {
    DoubleVector one = DoubleVector.broadcast(D, 1);
    long source = t * Float.BYTES;
    for (int p = 0; p < n; p++) {
      put(one, scratch, cell(n, p, p));
      put(one, scratch, cell(n, p, p) + HALF);
      for (int q = p + 1; q < n; q++) {
        widen(z, source, count, 1, scratch, cell(n, p, q));
        widen(z, source, count, -1, scratch, cell(n, q, p));
        source += tokens * Float.BYTES;
      }
    }
    int k = 0;
    for (; n >= FROM && n % 2 == 0 && k + 3 < n; k += 4) {
      four(n, k, scratch);
    }
    for (; k + 1 < n; k += 2) {
      pivot(n, k, aside(n), scratch);
      eliminate(n, k, k + 1, aside(n), scratch);
      pivot(n, k + 1, aside(n) + (long) n * CELL, scratch);
      for (int r = 0; r < n; r++) {
        eliminateTwo(n, k, r, scratch);
      }
    }
    if (k < n) {
      pivot(n, k, aside(n), scratch);
      for (int r = 0; r < n; r++) {
        eliminate(n, k, r, aside(n), scratch);
      }
    }
  }

  /** Four pivots with one pass over the matrix, two rows at a time. */
  private static void four(int n, int k, MemorySegment m) {
    long first = aside(n);
    long row = (long) n * CELL;
    for (int j = 0; j < 4; j++) {
      for (int i = 0; i < j; i++) {
        eliminate(n, k + i, k + j, first + i * row, m);
      }
      pivot(n, k + j, first + j * row, m);
    }
    for (int r = 0; r < n; r++) {
      factors(n, k, r, 0, m);
      factors(n, k, r, HALF, m);
    }
    for (int r = 0; r < n; r += 2) {
      eliminateFour(n, r, 0, m);
      eliminateFour(n, r, HALF, m);
    }
    for (int r = 0; r < n; r++) {
      pivotEntries(n, k, r, 0, m);
      pivotEntries(n, k, r, HALF, m);
    }
  }

  /** Four numbers of row r in the third matrix, which is free until the backward pass needs it. */
  private static long factorsOf(int n, int r) {
    return 2 * aside(n) + 4L * r * CELL;
  }

  /** What row r is to get of each of the four pivot rows, subtracted one after the other. */
  private static void factors(int n, int k, int r, int half, MemorySegment m) {
    long p0 = aside(n) + half;
    long p1 = p0 + (long) n * CELL;
    long p2 = p1 + (long) n * CELL;
    long x = cell(n, r, k) + half;
    long c = (long) k * CELL;
    DoubleVector f0 = at(m, x).neg();
    c += CELL;
    DoubleVector f1 = at(m, p0 + c).fma(f0, at(m, x + CELL)).neg();
    c += CELL;
    DoubleVector f2 = at(m, p1 + c).fma(f1, at(m, p0 + c).fma(f0, at(m, x + 2L * CELL))).neg();
    c += CELL;
    DoubleVector f3 = at(m, p1 + c).fma(f1, at(m, p0 + c).fma(f0, at(m, x + 3L * CELL)));
    f3 = at(m, p2 + c).fma(f2, f3).neg();
    long to = factorsOf(n, r) + half;
    put(f0, m, to);
    put(f1, m, to + CELL);
    put(f2, m, to + 2L * CELL);
    put(f3, m, to + 3L * CELL);
  }

  /** Rows r and r+1 for one half of the tokens, but for the columns of the pivots. */
  private static void eliminateFour(int n, int r, int half, MemorySegment m) {
    long p0 = aside(n) + half;
    long p1 = p0 + (long) n * CELL;
    long p2 = p1 + (long) n * CELL;
    long p3 = p2 + (long) n * CELL;
    long x = cell(n, r, 0) + half;
    long y = cell(n, r + 1, 0) + half;
    long f = factorsOf(n, r) + half;
    DoubleVector f0 = at(m, f);
    DoubleVector f1 = at(m, f + CELL);
    DoubleVector f2 = at(m, f + 2L * CELL);
    DoubleVector f3 = at(m, f + 3L * CELL);
    DoubleVector g0 = at(m, f + 4L * CELL);
    DoubleVector g1 = at(m, f + 5L * CELL);
    DoubleVector g2 = at(m, f + 6L * CELL);
    DoubleVector g3 = at(m, f + 7L * CELL);
    for (int c = 0; c < n; c++) {
      long o = (long) c * CELL;
      DoubleVector a = at(m, p0 + o);
      DoubleVector u = a.fma(f0, at(m, x + o));
      DoubleVector v = a.fma(g0, at(m, y + o));
      a = at(m, p1 + o);
      u = a.fma(f1, u);
      v = a.fma(g1, v);
      a = at(m, p2 + o);
      u = a.fma(f2, u);
      v = a.fma(g2, v);
      a = at(m, p3 + o);
      put(a.fma(f3, u), m, x + o);
      put(a.fma(g3, v), m, y + o);
    }
  }

  /**
   * Entries k to k+3 of row r: each counts as zero when its own pivot row is subtracted, so that
   * the pivot rows before that one do not matter.
   */
  private static void pivotEntries(int n, int k, int r, int half, MemorySegment m) {
    long p0 = aside(n) + half + (long) k * CELL;
    long p1 = p0 + (long) n * CELL;
    long p2 = p1 + (long) n * CELL;
    long p3 = p2 + (long) n * CELL;
    long x = cell(n, r, k) + half;
    long f = factorsOf(n, r) + half;
    DoubleVector f0 = at(m, f);
    DoubleVector f1 = at(m, f + CELL);
    DoubleVector f2 = at(m, f + 2L * CELL);
    DoubleVector f3 = at(m, f + 3L * CELL);
    DoubleVector u = at(m, p1).fma(f1, at(m, p0).mul(f0));
    put(at(m, p3).fma(f3, at(m, p2).fma(f2, u)), m, x);
    u = at(m, p2 + CELL).fma(f2, at(m, p1 + CELL).mul(f1));
    put(at(m, p3 + CELL).fma(f3, u), m, x + CELL);
    put(at(m, p3 + 2L * CELL).fma(f3, at(m, p2 + 2L * CELL).mul(f2)), m, x + 2L * CELL);
    put(at(m, p3 + 3L * CELL).mul(f3), m, x + 3L * CELL);
  }

  /**
   * Moves row k, divided by its pivot, aside, and leaves in its place what elimination turns into
   * that row: zeros, and the factor -1. Every pivot is at least 1, so none is searched.
   */
  private static void pivot(int n, int k, long aside, MemorySegment m) {
    DoubleVector zero = DoubleVector.zero(D);
    DoubleVector one = DoubleVector.broadcast(D, 1);
    long row = cell(n, k, 0);
    long diagonal = (long) k * CELL;
    DoubleVector inverse0 = one.div(at(m, row + diagonal));
    DoubleVector inverse1 = one.div(at(m, row + diagonal + HALF));
    for (int c = 0; c < n; c++) {
      long o = (long) c * CELL;
      put(at(m, row + o).mul(inverse0), m, aside + o);
      put(at(m, row + o + HALF).mul(inverse1), m, aside + o + HALF);
      put(zero, m, row + o);
      put(zero, m, row + o + HALF);
    }
    put(inverse0, m, aside + diagonal);
    put(inverse1, m, aside + diagonal + HALF);
    put(one.neg(), m, row + diagonal);
    put(one.neg(), m, row + diagonal + HALF);
  }

  /**
   * Row r minus its entry k times the pivot row at {@code row}; the entry itself counts as zero.
   */
  private static void eliminate(int n, int k, int r, long row, MemorySegment m) {
    DoubleVector zero = DoubleVector.zero(D);
    long a = cell(n, r, 0);
    long entry = a + (long) k * CELL;
    DoubleVector f0 = at(m, entry).neg();
    DoubleVector f1 = at(m, entry + HALF).neg();
    put(zero, m, entry);
    put(zero, m, entry + HALF);
    for (int c = 0; c < n; c++) {
      long o = (long) c * CELL;
      put(at(m, row + o).fma(f0, at(m, a + o)), m, a + o);
      put(at(m, row + o + HALF).fma(f1, at(m, a + o + HALF)), m, a + o + HALF);
    }
  }

  /**
   * Row r minus its entries k and k+1 times the two pivot rows, one after the other, but with one
   * pass over the row. The rows of the pivots are told from others by their entries alone.
   */
  private static void eliminateTwo(int n, int k, int r, MemorySegment m) {
    DoubleVector zero = DoubleVector.zero(D);
    long x = cell(n, r, 0);
    long first = aside(n);
    long second = first + (long) n * CELL;
    long entry = x + (long) k * CELL;
    long next = (long) (k + 1) * CELL;
    DoubleVector f0 = at(m, entry).neg();
    DoubleVector f1 = at(m, entry + HALF).neg();
    DoubleVector g0 = at(m, first + next).fma(f0, at(m, x + next)).neg();
    DoubleVector g1 = at(m, first + next + HALF).fma(f1, at(m, x + next + HALF)).neg();
    put(zero, m, entry);
    put(zero, m, entry + HALF);
    for (int c = 0; c < n; c++) {
      long o = (long) c * CELL;
      DoubleVector v0 = at(m, first + o).fma(f0, at(m, x + o));
      DoubleVector v1 = at(m, first + o + HALF).fma(f1, at(m, x + o + HALF));
      put(at(m, second + o).fma(g0, v0), m, x + o);
      put(at(m, second + o + HALF).fma(g1, v1), m, x + o + HALF);
    }
    // Entry k+1 is zero after the first pivot row, as entry k is before it.
    put(at(m, second + next).fma(g0, zero), m, x + next);
    put(at(m, second + next + HALF).fma(g1, zero), m, x + next + HALF);
  }
}
