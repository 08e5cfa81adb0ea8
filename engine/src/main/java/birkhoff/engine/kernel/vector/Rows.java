package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.load;
import static birkhoff.engine.kernel.vector.Lanes.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Passes over a contiguous run {@code [from, from+n)}. Sums take chunks of {@link #CHUNK} elements
 * in float (fixed accumulators, then a fixed tree) and add the chunks in double in index order, so
 * their bits depend on the run's length and the vector width only. Only scalars cross the calls: a
 * vector would be boxed where one is not inlined.
 */
final class Rows {
  /** Bounds the float rounding: a lane adds 64 numbers of a chunk at 512 bits. */
  static final int CHUNK = 4096;

  private static final int UNROLLED = 4 * LENGTH;

  private Rows() {}

  static double sum(MemorySegment x, long from, long n) {
    double total = 0;
    for (long c = 0; c < n; c += CHUNK) {
      total += chunkSum(x, from + c, Math.min(CHUNK, n - c));
    }
    return total;
  }

  private static float chunkSum(MemorySegment x, long from, long n) {
    FloatVector a = FloatVector.zero(Lanes.F);
    FloatVector b = FloatVector.zero(Lanes.F);
    FloatVector c = FloatVector.zero(Lanes.F);
    FloatVector d = FloatVector.zero(Lanes.F);
    long i = 0;
    for (; i <= n - UNROLLED; i += UNROLLED) {
      a = a.add(load(x, from + i));
      b = b.add(load(x, from + i + LENGTH));
      c = c.add(load(x, from + i + 2L * LENGTH));
      d = d.add(load(x, from + i + 3L * LENGTH));
    }
    for (; i <= n - LENGTH; i += LENGTH) {
      a = a.add(load(x, from + i));
    }
    if (i < n) {
      b = b.add(load(x, from + i, Lanes.first(n - i)));
    }
    return Lanes.sum(a.add(b).add(c.add(d)));
  }

  static double dot(MemorySegment x, long xFrom, MemorySegment y, long yFrom, long n) {
    double total = 0;
    for (long c = 0; c < n; c += CHUNK) {
      total += chunkDot(x, xFrom + c, y, yFrom + c, Math.min(CHUNK, n - c));
    }
    return total;
  }

  private static float chunkDot(MemorySegment x, long xFrom, MemorySegment y, long yFrom, long n) {
    FloatVector a = FloatVector.zero(Lanes.F);
    FloatVector b = FloatVector.zero(Lanes.F);
    FloatVector c = FloatVector.zero(Lanes.F);
    FloatVector d = FloatVector.zero(Lanes.F);
    long i = 0;
    for (; i <= n - UNROLLED; i += UNROLLED) {
      a = load(x, xFrom + i).fma(load(y, yFrom + i), a);
      b = load(x, xFrom + i + LENGTH).fma(load(y, yFrom + i + LENGTH), b);
      c = load(x, xFrom + i + 2L * LENGTH).fma(load(y, yFrom + i + 2L * LENGTH), c);
      d = load(x, xFrom + i + 3L * LENGTH).fma(load(y, yFrom + i + 3L * LENGTH), d);
    }
    for (; i <= n - LENGTH; i += LENGTH) {
      a = load(x, xFrom + i).fma(load(y, yFrom + i), a);
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      b = load(x, xFrom + i, rest).fma(load(y, yFrom + i, rest), b);
    }
    return Lanes.sum(a.add(b).add(c.add(d)));
  }

  /** Σ (x - mean)². */
  static double squaredDistances(MemorySegment x, long from, long n, float mean) {
    double total = 0;
    for (long c = 0; c < n; c += CHUNK) {
      total += chunkSquaredDistances(x, from + c, Math.min(CHUNK, n - c), mean);
    }
    return total;
  }

  private static float chunkSquaredDistances(MemorySegment x, long from, long n, float mean) {
    FloatVector a = FloatVector.zero(Lanes.F);
    FloatVector b = FloatVector.zero(Lanes.F);
    long i = 0;
    for (; i <= n - 2L * LENGTH; i += 2L * LENGTH) {
      FloatVector u = load(x, from + i).sub(mean);
      FloatVector v = load(x, from + i + LENGTH).sub(mean);
      a = u.fma(u, a);
      b = v.fma(v, b);
    }
    for (; i <= n - LENGTH; i += LENGTH) {
      FloatVector u = load(x, from + i).sub(mean);
      a = u.fma(u, a);
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      FloatVector u = load(x, from + i, rest).lanewise(VectorOperators.SUB, mean, rest);
      b = u.fma(u, b);
    }
    return Lanes.sum(a.add(b));
  }

  /** The largest element, NaN if any is NaN, -∞ of nothing. */
  static float max(MemorySegment x, long from, long n) {
    FloatVector a = FloatVector.broadcast(Lanes.F, Float.NEGATIVE_INFINITY);
    FloatVector b = FloatVector.broadcast(Lanes.F, Float.NEGATIVE_INFINITY);
    long i = 0;
    for (; i <= n - 2L * LENGTH; i += 2L * LENGTH) {
      a = a.max(load(x, from + i));
      b = b.max(load(x, from + i + LENGTH));
    }
    for (; i <= n - LENGTH; i += LENGTH) {
      a = a.max(load(x, from + i));
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      b = b.lanewise(VectorOperators.MAX, load(x, from + i, rest), rest);
    }
    return a.max(b).reduceLanes(VectorOperators.MAX);
  }

  /** The largest element that is not NaN, -∞ when there is none: max without its cost for NaN. */
  static float largest(MemorySegment x, long from, long n) {
    FloatVector a = FloatVector.broadcast(Lanes.F, Float.NEGATIVE_INFINITY);
    FloatVector b = FloatVector.broadcast(Lanes.F, Float.NEGATIVE_INFINITY);
    long i = 0;
    for (; i <= n - 2L * LENGTH; i += 2L * LENGTH) {
      FloatVector u = load(x, from + i);
      FloatVector v = load(x, from + i + LENGTH);
      a = a.blend(u, u.compare(VectorOperators.GT, a));
      b = b.blend(v, v.compare(VectorOperators.GT, b));
    }
    for (; i <= n - LENGTH; i += LENGTH) {
      FloatVector u = load(x, from + i);
      a = a.blend(u, u.compare(VectorOperators.GT, a));
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      FloatVector u = load(x, from + i, rest);
      b = b.blend(u, u.compare(VectorOperators.GT, b).and(rest));
    }
    return a.max(b).reduceLanes(VectorOperators.MAX);
  }

  /** Σ e^(x - shift) for {@code shift ≥ x}. */
  static double sumExp(MemorySegment x, long from, long n, float shift) {
    double total = 0;
    for (long c = 0; c < n; c += CHUNK) {
      total += chunkSumExp(x, from + c, Math.min(CHUNK, n - c), shift);
    }
    return total;
  }

  private static float chunkSumExp(MemorySegment x, long from, long n, float shift) {
    FloatVector a = FloatVector.zero(Lanes.F);
    long i = 0;
    for (; i <= n - LENGTH; i += LENGTH) {
      a = a.add(FastMath.expNonPositive(load(x, from + i).sub(shift)));
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      FloatVector e = FastMath.expNonPositive(load(x, from + i, rest).sub(shift));
      a = a.add(e, rest);
    }
    return Lanes.sum(a);
  }

  /** {@code y = e^(x - shift)}, and the sum of it; y may be x. */
  static double mapExp(
      MemorySegment x, long xFrom, MemorySegment y, long yFrom, long n, float shift) {
    double total = 0;
    for (long c = 0; c < n; c += CHUNK) {
      total += chunkMapExp(x, xFrom + c, y, yFrom + c, Math.min(CHUNK, n - c), shift);
    }
    return total;
  }

  private static float chunkMapExp(
      MemorySegment x, long xFrom, MemorySegment y, long yFrom, long n, float shift) {
    FloatVector a = FloatVector.zero(Lanes.F);
    long i = 0;
    for (; i <= n - LENGTH; i += LENGTH) {
      FloatVector e = FastMath.expNonPositive(load(x, xFrom + i).sub(shift));
      store(e, y, yFrom + i);
      a = a.add(e);
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      FloatVector e = FastMath.expNonPositive(load(x, xFrom + i, rest).sub(shift));
      store(e, y, yFrom + i, rest);
      a = a.add(e, rest);
    }
    return Lanes.sum(a);
  }

  /** {@code y *= factor}. */
  static void scale(MemorySegment y, long from, long n, float factor) {
    long i = 0;
    for (; i <= n - LENGTH; i += LENGTH) {
      store(load(y, from + i).mul(factor), y, from + i);
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      store(load(y, from + i, rest).mul(factor), y, from + i, rest);
    }
  }

  /** {@code out = a + b}; out may be either. */
  static void add(
      MemorySegment a,
      long aOff,
      MemorySegment b,
      long bOff,
      MemorySegment out,
      long outOff,
      long n) {
    long i = 0;
    for (; i <= n - LENGTH; i += LENGTH) {
      store(load(a, aOff + i).add(load(b, bOff + i)), out, outOff + i);
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      store(load(a, aOff + i, rest).add(load(b, bOff + i, rest)), out, outOff + i, rest);
    }
  }
}
