package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.DoubleLanes.D;
import static birkhoff.engine.kernel.vector.DoubleLanes.GROUP;
import static birkhoff.engine.kernel.vector.DoubleLanes.HALF;
import static birkhoff.engine.kernel.vector.DoubleLanes.S;
import static birkhoff.engine.kernel.vector.DoubleLanes.at;
import static birkhoff.engine.kernel.vector.DoubleLanes.floats;
import static birkhoff.engine.kernel.vector.DoubleLanes.narrowed;
import static birkhoff.engine.kernel.vector.DoubleLanes.put;
import static birkhoff.engine.kernel.vector.DoubleLanes.store;

import birkhoff.engine.kernel.MixerShape;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * The Cayley transforms of a group of tokens. M = (I+A)^{-1} is found in double, because unpivoted
 * elimination lets entries grow like |A|²: with entries of A around 30 float32 loses 4 of 7 digits,
 * around 1000 all of them. H is made of it in double, and rounded once. The backward pass has no
 * such growth, for no singular value of M is above 1: it takes M rounded to float, in float.
 *
 * <p>A number of the group is one vector of floats, or two of doubles, which stand in two matrices,
 * one for each half of the tokens.
 */
final class CayleyLanes {
  private CayleyLanes() {}

  /** The rounded M; the halves of M, later dL/dQ and a product; what elimination puts aside. */
  static long scratchBytes(MixerShape.Cayley shape) {
    return 3 * matrix(shape.n()) + CayleyInverse.asideBytes(shape.n());
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
      round(n, scratch, kept, t / GROUP * matrix(n));
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
      round(n, scratch, scratch, 0);
    } else {
      MemorySegment.copy(kept, t / GROUP * matrix(n), scratch, 0, matrix(n));
    }
    energyGradients(shape, gh, tokens, t, count, scratch);
    CayleyGradients.product(n, scratch);
    CayleyGradients.skew(n, scratch, gz, tokens, t, count);
  }

  /** Rows are a vector apart, or the entries of a column would share few lines of the cache. */
  static long cell(int n, int r, int c) {
    return ((long) r * (n + 1) + c) * HALF;
  }

  /** Bytes of a matrix of one vector per entry. */
  static long matrix(int n) {
    return (long) n * (n + 1) * HALF;
  }

  /** M of all tokens of the group, in float. */
  private static void round(int n, MemorySegment scratch, MemorySegment to, long offset) {
    long first = matrix(n);
    for (long o = 0; o < first; o += HALF) {
      put(narrowed(at(scratch, first + o), at(scratch, 2 * first + o)), to, offset + o);
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
    long first = matrix(n);
    DoubleVector sum0 = DoubleVector.zero(D);
    DoubleVector sum1 = DoubleVector.zero(D);
    // One loop: see AttentionRows.
    int r = r0;
    int c = c0;
    for (int k = 0; k < s * s; k++) {
      double unit = r == c ? -1 : 0;
      long o = first + cell(n, r, c);
      DoubleVector q0 = at(m, o).mul(2).add(unit);
      DoubleVector q1 = at(m, first + o).mul(2).add(unit);
      sum0 = q0.fma(q0, sum0);
      sum1 = q1.fma(q1, sum1);
      if (++c == c0 + s) {
        c = c0;
        r++;
      }
    }
    store(narrowed(sum0.div(s), sum1.div(s)), h, offset, count);
  }

  /** The second matrix of scratch: dL/dQ = 2/s · dL/dH · Q in each block. */
  private static void energyGradients(
      MixerShape.Cayley shape,
      MemorySegment gh,
      long tokens,
      long t,
      int count,
      MemorySegment scratch) {
    int s = shape.s();
    for (int i = 0; i < shape.d(); i++) {
      for (int j = 0; j < shape.d(); j++) {
        long offset = (((long) i * shape.d() + j) * tokens + t) * Float.BYTES;
        energyGradient(shape.n(), i * s, j * s, s, gh, offset, count, scratch);
      }
    }
  }

  private static void energyGradient(
      int n, int r0, int c0, int s, MemorySegment gh, long offset, int count, MemorySegment m) {
    long gradient = matrix(n);
    FloatVector g = floats(gh, offset, count).mul(2f / s);
    FloatVector two = FloatVector.broadcast(S, 2);
    int r = r0;
    int c = c0;
    for (int k = 0; k < s * s; k++) {
      FloatVector unit = FloatVector.broadcast(S, r == c ? -1 : 0);
      long o = cell(n, r, c);
      put(floats(m, o).fma(two, unit).mul(g), m, gradient + o);
      if (++c == c0 + s) {
        c = c0;
        r++;
      }
    }
  }
}
