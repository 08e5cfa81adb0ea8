package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.CayleyLanes.aside;
import static birkhoff.engine.kernel.vector.CayleyLanes.cell;
import static birkhoff.engine.kernel.vector.DoubleLanes.CELL;
import static birkhoff.engine.kernel.vector.DoubleLanes.D;
import static birkhoff.engine.kernel.vector.DoubleLanes.HALF;
import static birkhoff.engine.kernel.vector.DoubleLanes.at;
import static birkhoff.engine.kernel.vector.DoubleLanes.narrow;
import static birkhoff.engine.kernel.vector.DoubleLanes.put;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/** The two products of the Cayley map's backward pass, for a group of tokens. */
final class CayleyGradients {
  private CayleyGradients() {}

  /** The third matrix of scratch: T = Mᵀ·(dL/dQ), in tiles whose sums fit in registers. */
  static void product(int n, MemorySegment scratch) {
    int r = 0;
    for (; r + 3 < n; r += 4) {
      int c = 0;
      for (; c + 1 < n; c += 2) {
        product8(n, r, c, 0, scratch);
        product8(n, r, c, HALF, scratch);
      }
      for (int k = r; c < n && k < r + 4; k++) {
        product1(n, k, c, scratch);
      }
    }
    for (; r < n; r++) {
      for (int c = 0; c < n; c++) {
        product1(n, r, c, scratch);
      }
    }
  }

  private static void product1(int n, int r, int c, MemorySegment m) {
    long gradient = aside(n);
    DoubleVector sum0 = DoubleVector.zero(D);
    DoubleVector sum1 = DoubleVector.zero(D);
    for (int k = 0; k < n; k++) {
      long a = cell(n, k, r);
      long b = gradient + cell(n, k, c);
      sum0 = at(m, a).fma(at(m, b), sum0);
      sum1 = at(m, a + HALF).fma(at(m, b + HALF), sum1);
    }
    long o = 2 * gradient + cell(n, r, c);
    put(sum0, m, o);
    put(sum1, m, o + HALF);
  }

  /** Four rows, two columns, one half of the tokens. */
  private static void product8(int n, int r, int c, int half, MemorySegment m) {
    long gradient = aside(n) + half;
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector t0 = DoubleVector.zero(D);
    DoubleVector s1 = DoubleVector.zero(D);
    DoubleVector t1 = DoubleVector.zero(D);
    DoubleVector s2 = DoubleVector.zero(D);
    DoubleVector t2 = DoubleVector.zero(D);
    DoubleVector s3 = DoubleVector.zero(D);
    DoubleVector t3 = DoubleVector.zero(D);
    for (int k = 0; k < n; k++) {
      long a = cell(n, k, r) + half;
      long b = gradient + cell(n, k, c);
      DoubleVector b0 = at(m, b);
      DoubleVector b1 = at(m, b + CELL);
      DoubleVector v = at(m, a);
      s0 = v.fma(b0, s0);
      t0 = v.fma(b1, t0);
      v = at(m, a + CELL);
      s1 = v.fma(b0, s1);
      t1 = v.fma(b1, t1);
      v = at(m, a + 2L * CELL);
      s2 = v.fma(b0, s2);
      t2 = v.fma(b1, t2);
      v = at(m, a + 3L * CELL);
      s3 = v.fma(b0, s3);
      t3 = v.fma(b1, t3);
    }
    long third = 2 * aside(n) + half;
    long o = third + cell(n, r, c);
    put(s0, m, o);
    put(t0, m, o + CELL);
    o = third + cell(n, r + 1, c);
    put(s1, m, o);
    put(t1, m, o + CELL);
    o = third + cell(n, r + 2, c);
    put(s2, m, o);
    put(t2, m, o + CELL);
    o = third + cell(n, r + 3, c);
    put(s3, m, o);
    put(t3, m, o + CELL);
  }

  /** dL/dz_pq = S_pq - S_qp with S = -2·T·Mᵀ, to the rows of gz. */
  static void skew(int n, MemorySegment scratch, MemorySegment gz, long tokens, long t, int count) {
    long row = tokens * Float.BYTES;
    long token = t * Float.BYTES;
    for (int p = 0; p + 1 < n; p += 2) {
      skewGradient(n, p, p + 1, scratch, gz, entry(n, p, p + 1) * row + token, count);
      int q = p + 2;
      for (; q + 1 < n; q += 2) {
        skewTile(n, p, q, 0, scratch);
        skewTile(n, p, q, HALF, scratch);
        results(n, p, q, scratch, gz, row, token, count);
      }
      if (q < n) {
        skewGradient(n, p, q, scratch, gz, entry(n, p, q) * row + token, count);
        skewGradient(n, p + 1, q, scratch, gz, entry(n, p + 1, q) * row + token, count);
      }
    }
  }

  /** The results of a tile, two rows of two, to gz. */
  private static void results(
      int n, int p, int q, MemorySegment m, MemorySegment gz, long row, long token, int count) {
    long cell = aside(n);
    for (int r = p; r < p + 2; r++) {
      for (int c = q; c < q + 2; c++) {
        narrow(m, cell, gz, entry(n, r, c) * row + token, count);
        cell += CELL;
      }
    }
  }

  /** Place of (p, q) in the strict upper triangle, row by row. */
  private static long entry(int n, int p, int q) {
    return p * (2L * n - p - 1) / 2 + q - p - 1;
  }

  private static void skewGradient(
      int n, int p, int q, MemorySegment m, MemorySegment gz, long offset, int count) {
    long product = 2 * aside(n);
    long mp = cell(n, p, 0);
    long mq = cell(n, q, 0);
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = DoubleVector.zero(D);
    DoubleVector t0 = DoubleVector.zero(D);
    DoubleVector t1 = DoubleVector.zero(D);
    for (int k = 0; k < n; k++) {
      long o = (long) k * CELL;
      s0 = at(m, product + mp + o).fma(at(m, mq + o), s0);
      s1 = at(m, product + mp + o + HALF).fma(at(m, mq + o + HALF), s1);
      t0 = at(m, product + mq + o).fma(at(m, mp + o), t0);
      t1 = at(m, product + mq + o + HALF).fma(at(m, mp + o + HALF), t1);
    }
    long result = aside(n);
    put(t0.sub(s0).mul(2), m, result);
    put(t1.sub(s1).mul(2), m, result + HALF);
    narrow(m, result, gz, offset, count);
  }

  /** Entries (p, q), (p, q+1), (p+1, q), (p+1, q+1) to four cells, one half of the tokens. */
  private static void skewTile(int n, int p, int q, int half, MemorySegment m) {
    long m0 = cell(n, p, 0) + half;
    long m1 = cell(n, p + 1, 0) + half;
    long m2 = cell(n, q, 0) + half;
    long m3 = cell(n, q + 1, 0) + half;
    long product = 2 * aside(n);
    long t0 = product + m0;
    long t1 = product + m1;
    long t2 = product + m2;
    long t3 = product + m3;
    DoubleVector s02 = DoubleVector.zero(D);
    DoubleVector s03 = DoubleVector.zero(D);
    DoubleVector s12 = DoubleVector.zero(D);
    DoubleVector s13 = DoubleVector.zero(D);
    DoubleVector s20 = DoubleVector.zero(D);
    DoubleVector s30 = DoubleVector.zero(D);
    DoubleVector s21 = DoubleVector.zero(D);
    DoubleVector s31 = DoubleVector.zero(D);
    for (int k = 0; k < n; k++) {
      long o = (long) k * CELL;
      DoubleVector a = at(m, m2 + o);
      DoubleVector b = at(m, m3 + o);
      DoubleVector v = at(m, t0 + o);
      s02 = v.fma(a, s02);
      s03 = v.fma(b, s03);
      v = at(m, t1 + o);
      s12 = v.fma(a, s12);
      s13 = v.fma(b, s13);
      a = at(m, m0 + o);
      b = at(m, m1 + o);
      v = at(m, t2 + o);
      s20 = v.fma(a, s20);
      s21 = v.fma(b, s21);
      v = at(m, t3 + o);
      s30 = v.fma(a, s30);
      s31 = v.fma(b, s31);
    }
    long results = aside(n) + half;
    put(s20.sub(s02).mul(2), m, results);
    put(s30.sub(s03).mul(2), m, results + CELL);
    put(s21.sub(s12).mul(2), m, results + 2L * CELL);
    put(s31.sub(s13).mul(2), m, results + 3L * CELL);
  }
}
