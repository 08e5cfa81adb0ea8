package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Passes over a contiguous run {@code [from, from+n)}. Sums take chunks of {@link #CHUNK} elements
 * in float (fixed accumulators, then a fixed tree) and add the chunks in double in index order, so
 * their bits depend on the run's length and the vector width only.
 *
 * <p>Only scalars and memory cross the calls; vector methods that the passes call are inlined by
 * the build.
 */
final class Rows {
  /** Bounds the float rounding: a lane adds 64 numbers of a chunk at 512 bits. */
  static final int CHUNK = 4096;

  private static final int TWO = 2 * BYTES;
  private static final int THREE = 3 * BYTES;
  private static final int FOUR = 4 * BYTES;

  private Rows() {}

  static double sum(MemorySegment x, long from, long n) {
    double total = 0;
    for (long c = 0; c < n; c += CHUNK) {
      total += chunkSum(x, from + c, (int) Math.min(CHUNK, n - c));
    }
    return total;
  }

  private static float chunkSum(MemorySegment x, long from, int n) {
    FloatVector a = FloatVector.zero(F);
    FloatVector b = FloatVector.zero(F);
    FloatVector c = FloatVector.zero(F);
    FloatVector d = FloatVector.zero(F);
    long base = from * Float.BYTES;
    int bytes = n * Float.BYTES;
    int at = 0;
    for (; at <= bytes - FOUR; at += FOUR) {
      a = fromMemorySegment(F, x, base + at, ORDER).add(a);
      b = fromMemorySegment(F, x, base + at + BYTES, ORDER).add(b);
      c = fromMemorySegment(F, x, base + at + TWO, ORDER).add(c);
      d = fromMemorySegment(F, x, base + at + THREE, ORDER).add(d);
    }
    if (at <= bytes - TWO) {
      a = fromMemorySegment(F, x, base + at, ORDER).add(a);
      b = fromMemorySegment(F, x, base + at + BYTES, ORDER).add(b);
      at += TWO;
    }
    if (at <= bytes - BYTES) {
      c = fromMemorySegment(F, x, base + at, ORDER).add(c);
      at += BYTES;
    }
    if (at < bytes) {
      VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, n);
      d = fromMemorySegment(F, x, base + at, ORDER, rest).add(d);
    }
    return Lanes.sum(a.add(b).add(c.add(d)));
  }

  static double dot(MemorySegment x, long xFrom, MemorySegment y, long yFrom, long n) {
    double total = 0;
    for (long c = 0; c < n; c += CHUNK) {
      total += chunkDot(x, xFrom + c, y, yFrom + c, (int) Math.min(CHUNK, n - c));
    }
    return total;
  }

  private static float chunkDot(MemorySegment x, long xFrom, MemorySegment y, long yFrom, int n) {
    FloatVector a = FloatVector.zero(F);
    FloatVector b = FloatVector.zero(F);
    FloatVector c = FloatVector.zero(F);
    FloatVector d = FloatVector.zero(F);
    long xAt = xFrom * Float.BYTES;
    long yAt = yFrom * Float.BYTES;
    int bytes = n * Float.BYTES;
    int at = 0;
    for (; at <= bytes - FOUR; at += FOUR) {
      FloatVector u = fromMemorySegment(F, x, xAt + at, ORDER);
      a = u.fma(fromMemorySegment(F, y, yAt + at, ORDER), a);
      u = fromMemorySegment(F, x, xAt + at + BYTES, ORDER);
      b = u.fma(fromMemorySegment(F, y, yAt + at + BYTES, ORDER), b);
      u = fromMemorySegment(F, x, xAt + at + TWO, ORDER);
      c = u.fma(fromMemorySegment(F, y, yAt + at + TWO, ORDER), c);
      u = fromMemorySegment(F, x, xAt + at + THREE, ORDER);
      d = u.fma(fromMemorySegment(F, y, yAt + at + THREE, ORDER), d);
    }
    for (; at <= bytes - BYTES; at += BYTES) {
      FloatVector u = fromMemorySegment(F, x, xAt + at, ORDER);
      a = u.fma(fromMemorySegment(F, y, yAt + at, ORDER), a);
    }
    if (at < bytes) {
      VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, n);
      FloatVector u = fromMemorySegment(F, x, xAt + at, ORDER, rest);
      b = u.fma(fromMemorySegment(F, y, yAt + at, ORDER, rest), b);
    }
    return Lanes.sum(a.add(b).add(c.add(d)));
  }

  /** Σ (x - mean)². */
  static double squaredDistances(MemorySegment x, long from, int n, float mean) {
    double total = 0;
    for (int c = 0; c < n; c += CHUNK) {
      total += chunkSquaredDistances(x, from + c, Math.min(CHUNK, n - c), mean);
    }
    return total;
  }

  private static float chunkSquaredDistances(MemorySegment x, long from, int n, float mean) {
    FloatVector mu = FloatVector.broadcast(F, mean);
    FloatVector a = FloatVector.zero(F);
    FloatVector b = FloatVector.zero(F);
    long base = from * Float.BYTES;
    int bytes = n * Float.BYTES;
    int at = 0;
    for (; at <= bytes - TWO; at += TWO) {
      FloatVector u = fromMemorySegment(F, x, base + at, ORDER).sub(mu);
      FloatVector v = fromMemorySegment(F, x, base + at + BYTES, ORDER).sub(mu);
      a = u.fma(u, a);
      b = v.fma(v, b);
    }
    if (at <= bytes - BYTES) {
      FloatVector u = fromMemorySegment(F, x, base + at, ORDER).sub(mu);
      a = u.fma(u, a);
      at += BYTES;
    }
    if (at < bytes) {
      VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, n);
      FloatVector u = fromMemorySegment(F, x, base + at, ORDER, rest).sub(mu, rest);
      b = u.fma(u, b);
    }
    return Lanes.sum(a.add(b));
  }

  /** The largest element, NaN if any is NaN, -∞ of nothing. */
  static float max(MemorySegment x, long from, long n) {
    float max = Float.NEGATIVE_INFINITY;
    for (long c = 0; c < n; c += CHUNK) {
      max = Math.max(max, chunkMax(x, from + c, (int) Math.min(CHUNK, n - c)));
    }
    return max;
  }

  private static float chunkMax(MemorySegment x, long from, int n) {
    FloatVector a = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    FloatVector b = a;
    long base = from * Float.BYTES;
    int bytes = n * Float.BYTES;
    int at = 0;
    for (; at <= bytes - TWO; at += TWO) {
      a = fromMemorySegment(F, x, base + at, ORDER).max(a);
      b = fromMemorySegment(F, x, base + at + BYTES, ORDER).max(b);
    }
    if (at <= bytes - BYTES) {
      a = fromMemorySegment(F, x, base + at, ORDER).max(a);
      at += BYTES;
    }
    if (at < bytes) {
      VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, n);
      FloatVector u = fromMemorySegment(F, x, base + at, ORDER, rest);
      b = u.blend(Float.NEGATIVE_INFINITY, rest.not()).max(b);
    }
    return a.max(b).reduceLanes(VectorOperators.MAX);
  }

  /** The largest element that is not NaN, -∞ when there is none: max without its cost for NaN. */
  static float largest(MemorySegment x, long from, int n) {
    FloatVector a = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    long base = from * Float.BYTES;
    long bytes = (long) n * Float.BYTES;
    long at = 0;
    for (; at <= bytes - FOUR; at += FOUR) {
      FloatVector u = fromMemorySegment(F, x, base + at, ORDER);
      a = u.blend(a, u.compare(VectorOperators.GT, a).not());
      u = fromMemorySegment(F, x, base + at + BYTES, ORDER);
      b = u.blend(b, u.compare(VectorOperators.GT, b).not());
      u = fromMemorySegment(F, x, base + at + TWO, ORDER);
      c = u.blend(c, u.compare(VectorOperators.GT, c).not());
      u = fromMemorySegment(F, x, base + at + THREE, ORDER);
      d = u.blend(d, u.compare(VectorOperators.GT, d).not());
    }
    for (; at <= bytes - BYTES; at += BYTES) {
      FloatVector u = fromMemorySegment(F, x, base + at, ORDER);
      a = u.blend(a, u.compare(VectorOperators.GT, a).not());
    }
    if (at < bytes) {
      VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, n);
      FloatVector u = fromMemorySegment(F, x, base + at, ORDER, rest);
      b = b.blend(u, u.compare(VectorOperators.GT, b, rest));
    }
    return a.max(b).max(c.max(d)).reduceLanes(VectorOperators.MAX);
  }

  /**
   * Σ e^(x - shift) for {@code shift ≥ x}; the terms are stored to {@code y}, which may be x or,
   * for the sum alone, null.
   */
  static double exp(MemorySegment x, MemorySegment y, long from, int n, float shift) {
    double total = 0;
    for (int c = 0; c < n; c += CHUNK) {
      total += chunkExp(x, y, from + c, Math.min(CHUNK, n - c), shift);
    }
    return total;
  }

  private static float chunkExp(MemorySegment x, MemorySegment y, long from, int n, float shift) {
    FloatVector max = FloatVector.broadcast(F, shift);
    FloatVector sum = FloatVector.zero(F);
    long base = from * Float.BYTES;
    int bytes = n * Float.BYTES;
    int at = 0;
    for (; at <= bytes - BYTES; at += BYTES) {
      FloatVector e = FastMath.expNonPositive(fromMemorySegment(F, x, base + at, ORDER).sub(max));
      if (y != null) {
        e.intoMemorySegment(y, base + at, ORDER);
      }
      sum = e.add(sum);
    }
    float total = Lanes.sum(sum);
    for (; at < bytes; at += Float.BYTES) {
      float e = FastMath.expNonPositive(x.get(JAVA_FLOAT, base + at) - shift);
      if (y != null) {
        y.set(JAVA_FLOAT, base + at, e);
      }
      total += e;
    }
    return total;
  }

  /** {@code y *= factor}. */
  static void scale(MemorySegment y, long from, int n, float factor) {
    FloatVector f = FloatVector.broadcast(F, factor);
    long base = from * Float.BYTES;
    long bytes = (long) n * Float.BYTES;
    long at = 0;
    for (; at <= bytes - BYTES; at += BYTES) {
      fromMemorySegment(F, y, base + at, ORDER).mul(f).intoMemorySegment(y, base + at, ORDER);
    }
    if (at < bytes) {
      VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, n);
      fromMemorySegment(F, y, base + at, ORDER, rest)
          .mul(f)
          .intoMemorySegment(y, base + at, ORDER, rest);
    }
  }

  /** {@code out = a + b}; out may be either. */
  static void add(
      MemorySegment a,
      long aFrom,
      MemorySegment b,
      long bFrom,
      MemorySegment out,
      long outFrom,
      int n) {
    long aAt = aFrom * Float.BYTES;
    long bAt = bFrom * Float.BYTES;
    long outAt = outFrom * Float.BYTES;
    int bytes = n * Float.BYTES;
    int at = 0;
    for (; at <= bytes - BYTES; at += BYTES) {
      fromMemorySegment(F, a, aAt + at, ORDER)
          .add(fromMemorySegment(F, b, bAt + at, ORDER))
          .intoMemorySegment(out, outAt + at, ORDER);
    }
    if (at < bytes) {
      VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, n);
      fromMemorySegment(F, a, aAt + at, ORDER, rest)
          .add(fromMemorySegment(F, b, bAt + at, ORDER, rest))
          .intoMemorySegment(out, outAt + at, ORDER, rest);
    }
  }
}
