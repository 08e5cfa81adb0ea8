package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.load;
import static birkhoff.engine.kernel.vector.Lanes.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Rows of numbers, one per token, tokens in lanes; a row begins at an element. */
final class TokenRows {
  private TokenRows() {}

  /** {@code out = x·y}. */
  static void multiply(
      MemorySegment x,
      long xRow,
      MemorySegment y,
      long yRow,
      MemorySegment out,
      long outRow,
      long lo,
      long hi) {
    long t = lo;
    for (; t + LENGTH <= hi; t += LENGTH) {
      store(load(x, xRow + t).mul(load(y, yRow + t)), out, outRow + t);
    }
    if (t < hi) {
      VectorMask<Float> in = F.indexInRange(t, hi);
      store(load(x, xRow + t, in).mul(load(y, yRow + t, in)), out, outRow + t, in);
    }
  }

  /**
   * {@code out = Σ g·y}: row {@code k} of {@code n·n} of y with the row of g that stands {@code k /
   * n} times {@code down} and {@code k % n} times {@code along} rows behind {@code gRow}.
   */
  static void gradient(
      MemorySegment g,
      long gRow,
      long down,
      long along,
      MemorySegment y,
      int n,
      long tokens,
      MemorySegment out,
      long outRow,
      long lo,
      long hi) {
    for (long t = lo; t < hi; t += LENGTH) {
      VectorMask<Float> in = F.indexInRange(t, hi);
      FloatVector sum = FloatVector.zero(F);
      for (int k = 0; k < n * n; k++) {
        long row = gRow + (k / n * down + k % n * along) * tokens + t;
        sum = load(g, row, in).fma(load(y, k * tokens + t, in), sum);
      }
      store(sum, out, outRow + t, in);
    }
  }

  /** {@code out = m[a] - m[b]}. */
  static void subtract(
      MemorySegment m, long a, long b, MemorySegment out, long outRow, long lo, long hi) {
    for (long t = lo; t < hi; t += LENGTH) {
      VectorMask<Float> in = F.indexInRange(t, hi);
      store(load(m, a + t, in).sub(load(m, b + t, in)), out, outRow + t, in);
    }
  }

  /** {@code out = -x}. */
  static void negate(MemorySegment x, long xRow, MemorySegment out, long outRow, long lo, long hi) {
    for (long t = lo; t < hi; t += LENGTH) {
      VectorMask<Float> in = F.indexInRange(t, hi);
      store(load(x, xRow + t, in).neg(), out, outRow + t, in);
    }
  }

  /** {@code out = value}. */
  static void fill(MemorySegment out, long outRow, float value, long lo, long hi) {
    FloatVector v = FloatVector.broadcast(F, value);
    for (long t = lo; t < hi; t += LENGTH) {
      store(v, out, outRow + t, F.indexInRange(t, hi));
    }
  }
}
