package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.CayleyLanes.cell;
import static birkhoff.engine.kernel.vector.CayleyLanes.matrix;
import static birkhoff.engine.kernel.vector.DoubleLanes.HALF;
import static birkhoff.engine.kernel.vector.DoubleLanes.S;
import static birkhoff.engine.kernel.vector.DoubleLanes.floats;
import static birkhoff.engine.kernel.vector.DoubleLanes.put;
import static birkhoff.engine.kernel.vector.DoubleLanes.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** The two products of the Cayley map's backward pass, for a group of tokens. */
final class CayleyGradients {
  private CayleyGradients() {}

  /** The third matrix of scratch: T = Mᵀ·(dL/dQ), in tiles whose sums fit in registers. */
  static void product(int n, MemorySegment scratch) {
    int r = 0;
    for (; r + 3 < n; r += 4) {
      int c = 0;
      for (; c + 1 < n; c += 2) {
        product8(n, r, c, scratch);
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
    long gradient = matrix(n);
    FloatVector sum = FloatVector.zero(S);
    for (int k = 0; k < n; k++) {
      sum = floats(m, cell(n, k, r)).fma(floats(m, gradient + cell(n, k, c)), sum);
    }
    put(sum, m, 2 * gradient + cell(n, r, c));
  }

  /** Four rows, two columns. */
  private static void product8(int n, int r, int c, MemorySegment m) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector t0 = FloatVector.zero(S);
    FloatVector s1 = FloatVector.zero(S);
    FloatVector t1 = FloatVector.zero(S);
    FloatVector s2 = FloatVector.zero(S);
    FloatVector t2 = FloatVector.zero(S);
    FloatVector s3 = FloatVector.zero(S);
    FloatVector t3 = FloatVector.zero(S);
    for (int k = 0; k < n; k++) {
      long a = cell(n, k, r);
      long b = matrix(n) + cell(n, k, c);
      FloatVector b0 = floats(m, b);
      FloatVector b1 = floats(m, b + HALF);
      FloatVector v = floats(m, a);
      s0 = v.fma(b0, s0);
      t0 = v.fma(b1, t0);
      v = floats(m, a + HALF);
      s1 = v.fma(b0, s1);
      t1 = v.fma(b1, t1);
      v = floats(m, a + 2L * HALF);
      s2 = v.fma(b0, s2);
      t2 = v.fma(b1, t2);
      v = floats(m, a + 3L * HALF);
      s3 = v.fma(b0, s3);
      t3 = v.fma(b1, t3);
    }
    long third = 2 * matrix(n);
    long o = third + cell(n, r, c);
    put(s0, m, o);
    put(t0, m, o + HALF);
    o = third + cell(n, r + 1, c);
    put(s1, m, o);
    put(t1, m, o + HALF);
    o = third + cell(n, r + 2, c);
    put(s2, m, o);
    put(t2, m, o + HALF);
    o = third + cell(n, r + 3, c);
    put(s3, m, o);
    put(t3, m, o + HALF);
  }

  /** dL/dz_pq = S_pq - S_qp with S = -2·T·Mᵀ, to the rows of gz. */
  static void skew(int n, MemorySegment scratch, MemorySegment gz, long tokens, long t, int count) {
    long row = tokens * Float.BYTES;
    long token = t * Float.BYTES;
    for (int p = 0; p + 1 < n; p += 2) {
      skewGradient(n, p, p + 1, scratch, gz, entry(n, p, p + 1) * row + token, count);
      int q = p + 2;
      for (; q + 1 < n; q += 2) {
        long above = entry(n, p, q) * row + token;
        long below = entry(n, p + 1, q) * row + token;
        skewTile(n, p, q, scratch, gz, above, below, row, count);
      }
      if (q < n) {
        skewGradient(n, p, q, scratch, gz, entry(n, p, q) * row + token, count);
        skewGradient(n, p + 1, q, scratch, gz, entry(n, p + 1, q) * row + token, count);
      }
    }
  }

  /** Place of (p, q) in the strict upper triangle, row by row. */
  private static long entry(int n, int p, int q) {
    return p * (2L * n - p - 1) / 2 + q - p - 1;
  }

  private static void skewGradient(
      int n, int p, int q, MemorySegment m, MemorySegment gz, long offset, int count) {
    long product = 2 * matrix(n);
    long mp = cell(n, p, 0);
    long mq = cell(n, q, 0);
    FloatVector s = FloatVector.zero(S);
    FloatVector t = FloatVector.zero(S);
    for (int k = 0; k < n; k++) {
      long o = (long) k * HALF;
      s = floats(m, product + mp + o).fma(floats(m, mq + o), s);
      t = floats(m, product + mq + o).fma(floats(m, mp + o), t);
    }
    store(t.sub(s).mul(2), gz, offset, count);
  }

  /** Entries (p, q) and (p, q+1) to {@code above}, (p+1, q) and (p+1, q+1) to {@code below}. */
  private static void skewTile(
      int n,
      int p,
      int q,
      MemorySegment m,
      MemorySegment gz,
      long above,
      long below,
      long row,
      int count) {
    long m0 = cell(n, p, 0);
    long m1 = cell(n, p + 1, 0);
    long m2 = cell(n, q, 0);
    long m3 = cell(n, q + 1, 0);
    long product = 2 * matrix(n);
    long t0 = product + m0;
    long t1 = product + m1;
    long t2 = product + m2;
    long t3 = product + m3;
    FloatVector s02 = FloatVector.zero(S);
    FloatVector s03 = FloatVector.zero(S);
    FloatVector s12 = FloatVector.zero(S);
    FloatVector s13 = FloatVector.zero(S);
    FloatVector s20 = FloatVector.zero(S);
    FloatVector s30 = FloatVector.zero(S);
    FloatVector s21 = FloatVector.zero(S);
    FloatVector s31 = FloatVector.zero(S);
    for (int k = 0; k < n; k++) {
      long o = (long) k * HALF;
      FloatVector a = floats(m, m2 + o);
      FloatVector b = floats(m, m3 + o);
      FloatVector v = floats(m, t0 + o);
      s02 = v.fma(a, s02);
      s03 = v.fma(b, s03);
      v = floats(m, t1 + o);
      s12 = v.fma(a, s12);
      s13 = v.fma(b, s13);
      a = floats(m, m0 + o);
      b = floats(m, m1 + o);
      v = floats(m, t2 + o);
      s20 = v.fma(a, s20);
      s21 = v.fma(b, s21);
      v = floats(m, t3 + o);
      s30 = v.fma(a, s30);
      s31 = v.fma(b, s31);
    }
    store(s20.sub(s02).mul(2), gz, above, count);
    store(s30.sub(s03).mul(2), gz, above + row, count);
    store(s21.sub(s12).mul(2), gz, below, count);
    store(s31.sub(s13).mul(2), gz, below + row, count);
  }
}
