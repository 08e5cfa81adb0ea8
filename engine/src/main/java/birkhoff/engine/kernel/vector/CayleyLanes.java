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
    CayleyInverse.invert(n, z, tokens, t, count, scratch);
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
      CayleyInverse.invert(n, z, tokens, t, count, scratch);
    } else {
      MemorySegment.copy(kept, t / DoubleLanes.GROUP * aside(n), scratch, 0, aside(n));
    }
    energyGradients(shape, gh, tokens, t, count, scratch);
    CayleyGradients.product(n, scratch);
    CayleyGradients.skew(n, scratch, gz, tokens, t, count);
  }

  /** Rows are a cell apart, or the entries of a column would share few lines of the cache. */
  static long cell(int n, int r, int c) {
    return ((long) r * (n + 1) + c) * CELL;
  }

  /**
   * The second matrix: up to four scaled pivot rows stand there during elimination, single results
   * when it is not needed otherwise.
   */
  static long aside(int n) {
    return (long) n * (n + 1) * CELL;
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
}
