package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.DoubleLanes.CELL;
import static birkhoff.engine.kernel.vector.DoubleLanes.D;
import static birkhoff.engine.kernel.vector.DoubleLanes.HALF;
import static birkhoff.engine.kernel.vector.DoubleLanes.at;
import static birkhoff.engine.kernel.vector.DoubleLanes.narrow;
import static birkhoff.engine.kernel.vector.DoubleLanes.put;
import static birkhoff.engine.kernel.vector.DoubleLanes.widen;

import birkhoff.engine.kernel.MixerShape;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * The Cayley transforms of a group of tokens in double.
 *
 * <p>Double, because unpivoted elimination lets entries grow like |A|²: with entries of A around 30
 * float32 loses 4 of 7 digits, around 1000 all of them. The streams cost far more than this.
 */
final class CayleyLanes {
  private CayleyLanes() {}

  /** Three n×n matrices: M, the gradient of Q, and a product. */
  static long scratchBytes(MixerShape.Cayley shape) {
    return 3 * aside(shape.n());
  }

  static void mix(
      MixerShape.Cayley shape,
      MemorySegment z,
      MemorySegment h,
      MemorySegment kept,
      MemorySegment scratch,
      long tokens,
      long t,
      int count) {
    int n = shape.n();
    invert(n, z, tokens, t, count, scratch);
    if (kept != null) {
      MemorySegment.copy(scratch, 0, kept, t / DoubleLanes.GROUP * aside(n), aside(n));
    }
    energies(shape, scratch, h, tokens, t, count);
  }

  static void mixVjp(
      MixerShape.Cayley shape,
      MemorySegment z,
      MemorySegment gh,
      MemorySegment gz,
      MemorySegment kept,
      MemorySegment scratch,
      long tokens,
      long t,
      int count) {
    int n = shape.n();
    if (kept == null) {
      invert(n, z, tokens, t, count, scratch);
    } else {
      MemorySegment.copy(kept, t / DoubleLanes.GROUP * aside(n), scratch, 0, aside(n));
    }
    energyGradients(shape, gh, tokens, t, count, scratch);
    product(n, scratch);
    skewGradients(n, scratch, gz, tokens, t, count);
  }

  /** I + A of the tokens {@code [t, t+count)} from z, then M = (I+A)^{-1} in its place. */
  private static void invert(
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
    for (; k + 1 < n; k += 2) {
      pivot(n, k, aside(n), scratch);
      eliminate(n, k, k + 1, scratch);
      pivot(n, k + 1, aside(n) + (long) n * CELL, scratch);
      for (int r = 0; r < n; r++) {
        eliminateTwo(n, k, r, scratch);
      }
    }
    if (k < n) {
      pivot(n, k, aside(n), scratch);
      for (int r = 0; r < n; r++) {
        eliminate(n, k, r, scratch);
      }
    }
  }

  /** Rows are a cell apart, or the entries of a column would share few lines of the cache. */
  private static long cell(int n, int r, int c) {
    return ((long) r * (n + 1) + c) * CELL;
  }

  /**
   * The second matrix: two scaled pivot rows stand there during elimination, single results when it
   * is not needed otherwise.
   */
  private static long aside(int n) {
    return (long) n * (n + 1) * CELL;
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

  /** Row r minus its entry k times the pivot row; the entry itself counts as zero. */
  private static void eliminate(int n, int k, int r, MemorySegment m) {
    DoubleVector zero = DoubleVector.zero(D);
    long a = cell(n, r, 0);
    long entry = a + (long) k * CELL;
    DoubleVector f0 = at(m, entry).neg();
    DoubleVector f1 = at(m, entry + HALF).neg();
    put(zero, m, entry);
    put(zero, m, entry + HALF);
    long row = aside(n);
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

  /** H of the group from M: mean squares of the blocks of Q = 2M - I, times s. */
  private static void energies(
      MixerShape.Cayley shape,
      MemorySegment scratch,
      MemorySegment h,
      long tokens,
      long t,
      int count) {
    int s = shape.s();
    for (int i = 0; i < shape.d(); i++) {
      for (int j = 0; j < shape.d(); j++) {
        long offset = (((long) i * shape.d() + j) * tokens + t) * Float.BYTES;
        energy(shape.n(), i * s, j * s, s, scratch, h, offset, count);
      }
    }
  }

  private static void energy(
      int n, int r0, int c0, int s, MemorySegment m, MemorySegment h, long offset, int count) {
    DoubleVector sum0 = DoubleVector.zero(D);
    DoubleVector sum1 = DoubleVector.zero(D);
    // One loop: see AttentionRows.
    int r = r0;
    int c = c0;
    for (int k = 0; k < s * s; k++) {
      double unit = r == c ? -1 : 0;
      long o = cell(n, r, c);
      DoubleVector q0 = at(m, o).mul(2).add(unit);
      DoubleVector q1 = at(m, o + HALF).mul(2).add(unit);
      sum0 = q0.fma(q0, sum0);
      sum1 = q1.fma(q1, sum1);
      if (++c == c0 + s) {
        c = c0;
        r++;
      }
    }
    long result = aside(n);
    put(sum0.div(s), m, result);
    put(sum1.div(s), m, result + HALF);
    narrow(m, result, h, offset, count);
  }

  /** The second matrix of scratch: dL/dQ = 2/s · dL/dH · Q in each block. */
  private static void energyGradients(
      MixerShape.Cayley shape,
      MemorySegment gh,
      long tokens,
      long t,
      int count,
      MemorySegment scratch) {
    int n = shape.n();
    int s = shape.s();
    // The first cell of the third matrix, free until the product, holds the block's gradient.
    long block = 2 * aside(n);
    for (int i = 0; i < shape.d(); i++) {
      for (int j = 0; j < shape.d(); j++) {
        long offset = (((long) i * shape.d() + j) * tokens + t) * Float.BYTES;
        widen(gh, offset, count, 2.0 / s, scratch, block);
        energyGradient(n, i * s, j * s, s, scratch, block);
      }
    }
  }

  private static void energyGradient(int n, int r0, int c0, int s, MemorySegment m, long block) {
    long gradient = aside(n);
    DoubleVector g0 = at(m, block);
    DoubleVector g1 = at(m, block + HALF);
    for (int r = r0; r < r0 + s; r++) {
      for (int c = c0; c < c0 + s; c++) {
        double unit = r == c ? -1 : 0;
        long o = cell(n, r, c);
        put(at(m, o).mul(2).add(unit).mul(g0), m, gradient + o);
        put(at(m, o + HALF).mul(2).add(unit).mul(g1), m, gradient + o + HALF);
      }
    }
  }

  /** The third matrix of scratch: T = Mᵀ·(dL/dQ), in tiles whose sums fit in registers. */
  private static void product(int n, MemorySegment scratch) {
    int r = 0;
    for (; r + 1 < n; r += 2) {
      int c = 0;
      for (; c + 1 < n; c += 2) {
        product4(n, r, c, scratch);
      }
      if (c < n) {
        product1(n, r, c, scratch);
        product1(n, r + 1, c, scratch);
      }
    }
    for (int c = 0; r < n && c < n; c++) {
      product1(n, r, c, scratch);
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

  private static void product4(int n, int r, int c, MemorySegment m) {
    long gradient = aside(n);
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = DoubleVector.zero(D);
    DoubleVector t0 = DoubleVector.zero(D);
    DoubleVector t1 = DoubleVector.zero(D);
    DoubleVector u0 = DoubleVector.zero(D);
    DoubleVector u1 = DoubleVector.zero(D);
    DoubleVector v0 = DoubleVector.zero(D);
    DoubleVector v1 = DoubleVector.zero(D);
    for (int k = 0; k < n; k++) {
      long a = cell(n, k, r);
      long b = gradient + cell(n, k, c);
      DoubleVector b0 = at(m, b);
      DoubleVector b1 = at(m, b + HALF);
      DoubleVector c0 = at(m, b + CELL);
      DoubleVector c1 = at(m, b + CELL + HALF);
      DoubleVector m0 = at(m, a);
      DoubleVector m1 = at(m, a + HALF);
      s0 = m0.fma(b0, s0);
      s1 = m1.fma(b1, s1);
      t0 = m0.fma(c0, t0);
      t1 = m1.fma(c1, t1);
      m0 = at(m, a + CELL);
      m1 = at(m, a + CELL + HALF);
      u0 = m0.fma(b0, u0);
      u1 = m1.fma(b1, u1);
      v0 = m0.fma(c0, v0);
      v1 = m1.fma(c1, v1);
    }
    long o = 2 * gradient + cell(n, r, c);
    put(s0, m, o);
    put(s1, m, o + HALF);
    put(t0, m, o + CELL);
    put(t1, m, o + CELL + HALF);
    o = 2 * gradient + cell(n, r + 1, c);
    put(u0, m, o);
    put(u1, m, o + HALF);
    put(v0, m, o + CELL);
    put(v1, m, o + CELL + HALF);
  }

  /** dL/dz_pq = S_pq - S_qp with S = -2·T·Mᵀ, to the rows of gz. */
  private static void skewGradients(
      int n, MemorySegment scratch, MemorySegment gz, long tokens, long t, int count) {
    for (int p = 0; p < n; p++) {
      long offset = (p * (2L * n - p - 1) / 2 * tokens + t) * Float.BYTES;
      int q = p + 1;
      for (; q + 1 < n; q += 2) {
        skewGradient2(n, p, q, scratch, gz, offset, offset + tokens * Float.BYTES, count);
        offset += 2 * tokens * Float.BYTES;
      }
      if (q < n) {
        skewGradient(n, p, q, scratch, gz, offset, count);
      }
    }
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

  /** The same for q and q+1, which share row p. */
  private static void skewGradient2(
      int n, int p, int q, MemorySegment m, MemorySegment gz, long first, long second, int count) {
    long product = 2 * aside(n);
    long mp = cell(n, p, 0);
    long mq = cell(n, q, 0);
    long mr = cell(n, q + 1, 0);
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = DoubleVector.zero(D);
    DoubleVector t0 = DoubleVector.zero(D);
    DoubleVector t1 = DoubleVector.zero(D);
    DoubleVector u0 = DoubleVector.zero(D);
    DoubleVector u1 = DoubleVector.zero(D);
    DoubleVector v0 = DoubleVector.zero(D);
    DoubleVector v1 = DoubleVector.zero(D);
    for (int k = 0; k < n; k++) {
      long o = (long) k * CELL;
      DoubleVector a0 = at(m, product + mp + o);
      DoubleVector a1 = at(m, product + mp + o + HALF);
      DoubleVector b0 = at(m, mp + o);
      DoubleVector b1 = at(m, mp + o + HALF);
      s0 = a0.fma(at(m, mq + o), s0);
      s1 = a1.fma(at(m, mq + o + HALF), s1);
      t0 = at(m, product + mq + o).fma(b0, t0);
      t1 = at(m, product + mq + o + HALF).fma(b1, t1);
      u0 = a0.fma(at(m, mr + o), u0);
      u1 = a1.fma(at(m, mr + o + HALF), u1);
      v0 = at(m, product + mr + o).fma(b0, v0);
      v1 = at(m, product + mr + o + HALF).fma(b1, v1);
    }
    long result = aside(n);
    put(t0.sub(s0).mul(2), m, result);
    put(t1.sub(s1).mul(2), m, result + HALF);
    narrow(m, result, gz, first, count);
    put(v0.sub(u0).mul(2), m, result);
    put(v1.sub(u1).mul(2), m, result + HALF);
    narrow(m, result, gz, second, count);
  }
}
