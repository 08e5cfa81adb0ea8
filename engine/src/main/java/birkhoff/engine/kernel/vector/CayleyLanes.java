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
    return 3L * shape.n() * shape.n() * CELL;
  }

  static void mix(
      MixerShape.Cayley shape,
      MemorySegment z,
      MemorySegment h,
      MemorySegment scratch,
      long tokens,
      long t,
      int count) {
    invert(shape.n(), z, tokens, t, count, scratch);
    energies(shape, scratch, h, tokens, t, count);
  }

  static void mixVjp(
      MixerShape.Cayley shape,
      MemorySegment z,
      MemorySegment gh,
      MemorySegment gz,
      MemorySegment scratch,
      long tokens,
      long t,
      int count) {
    invert(shape.n(), z, tokens, t, count, scratch);
    energyGradients(shape, gh, tokens, t, count, scratch);
    product(shape.n(), scratch);
    skewGradients(shape.n(), scratch, gz, tokens, t, count);
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
    for (int k = 0; k < n; k++) {
      pivot(n, k, scratch);
      int r = 0;
      for (; r + 1 < n; r += 2) {
        eliminate2(n, k, r, scratch);
      }
      if (r < n) {
        eliminate(n, k, r, scratch);
      }
    }
  }

  private static long cell(int n, int r, int c) {
    return ((long) r * n + c) * CELL;
  }

  /**
   * The second matrix: the scaled pivot row stands there during elimination, single results when it
   * is not needed otherwise.
   */
  private static long aside(int n) {
    return (long) n * n * CELL;
  }

  /**
   * Moves row k, divided by its pivot, aside, and leaves in its place what elimination turns into
   * that row: zeros, and the factor -1. Every pivot is at least 1, so none is searched.
   */
  private static void pivot(int n, int k, MemorySegment m) {
    DoubleVector zero = DoubleVector.zero(D);
    DoubleVector one = DoubleVector.broadcast(D, 1);
    long row = cell(n, k, 0);
    long aside = aside(n);
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

  /** Rows r and r+1 together, which halves the reads of the pivot row. */
  private static void eliminate2(int n, int k, int r, MemorySegment m) {
    DoubleVector zero = DoubleVector.zero(D);
    long a = cell(n, r, 0);
    long b = cell(n, r + 1, 0);
    long entry = (long) k * CELL;
    DoubleVector fa0 = at(m, a + entry).neg();
    DoubleVector fa1 = at(m, a + entry + HALF).neg();
    DoubleVector fb0 = at(m, b + entry).neg();
    DoubleVector fb1 = at(m, b + entry + HALF).neg();
    put(zero, m, a + entry);
    put(zero, m, a + entry + HALF);
    put(zero, m, b + entry);
    put(zero, m, b + entry + HALF);
    long row = aside(n);
    for (int c = 0; c < n; c++) {
      long o = (long) c * CELL;
      DoubleVector p0 = at(m, row + o);
      DoubleVector p1 = at(m, row + o + HALF);
      put(p0.fma(fa0, at(m, a + o)), m, a + o);
      put(p1.fma(fa1, at(m, a + o + HALF)), m, a + o + HALF);
      put(p0.fma(fb0, at(m, b + o)), m, b + o);
      put(p1.fma(fb1, at(m, b + o + HALF)), m, b + o + HALF);
    }
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
    long block = 2L * n * n * CELL;
    for (int i = 0; i < shape.d(); i++) {
      for (int j = 0; j < shape.d(); j++) {
        long offset = (((long) i * shape.d() + j) * tokens + t) * Float.BYTES;
        widen(gh, offset, count, 2.0 / s, scratch, block);
        energyGradient(n, i * s, j * s, s, scratch, block);
      }
    }
  }

  private static void energyGradient(int n, int r0, int c0, int s, MemorySegment m, long block) {
    long gradient = (long) n * n * CELL;
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

  /** The third matrix of scratch: T = Mᵀ·(dL/dQ). */
  private static void product(int n, MemorySegment scratch) {
    for (int r = 0; r < n; r++) {
      int c = 0;
      for (; c + 1 < n; c += 2) {
        product2(n, r, c, scratch);
      }
      if (c < n) {
        product1(n, r, c, scratch);
      }
    }
  }

  private static void product1(int n, int r, int c, MemorySegment m) {
    long gradient = (long) n * n * CELL;
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

  private static void product2(int n, int r, int c, MemorySegment m) {
    long gradient = (long) n * n * CELL;
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = DoubleVector.zero(D);
    DoubleVector t0 = DoubleVector.zero(D);
    DoubleVector t1 = DoubleVector.zero(D);
    for (int k = 0; k < n; k++) {
      long a = cell(n, k, r);
      long b = gradient + cell(n, k, c);
      DoubleVector m0 = at(m, a);
      DoubleVector m1 = at(m, a + HALF);
      s0 = m0.fma(at(m, b), s0);
      s1 = m1.fma(at(m, b + HALF), s1);
      t0 = m0.fma(at(m, b + CELL), t0);
      t1 = m1.fma(at(m, b + CELL + HALF), t1);
    }
    long o = 2 * gradient + cell(n, r, c);
    put(s0, m, o);
    put(s1, m, o + HALF);
    put(t0, m, o + CELL);
    put(t1, m, o + CELL + HALF);
  }

  /** dL/dz_pq = S_pq - S_qp with S = -2·T·Mᵀ, to the rows of gz. */
  private static void skewGradients(
      int n, MemorySegment scratch, MemorySegment gz, long tokens, long t, int count) {
    long offset = t * Float.BYTES;
    for (int p = 0; p < n; p++) {
      for (int q = p + 1; q < n; q++) {
        skewGradient(n, p, q, scratch, gz, offset, count);
        offset += tokens * Float.BYTES;
      }
    }
  }

  private static void skewGradient(
      int n, int p, int q, MemorySegment m, MemorySegment gz, long offset, int count) {
    long product = 2L * n * n * CELL;
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
}
