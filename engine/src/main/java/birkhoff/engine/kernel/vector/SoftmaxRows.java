package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Last passes of log-softmax and of the softmaxes' gradients over one row of {@code n} elements
 * that starts at {@code row}; written as {@link Rows} explains.
 */
final class SoftmaxRows {
  private SoftmaxRows() {}

  /** {@code y = x - max - logSum}. */
  static void subtract(MemorySegment x, MemorySegment y, long row, int n, float max, float logSum) {
    FloatVector m = FloatVector.broadcast(F, max);
    FloatVector l = FloatVector.broadcast(F, logSum);
    long base = row * Float.BYTES;
    int bytes = n * Float.BYTES;
    int at = 0;
    for (; at <= bytes - BYTES; at += BYTES) {
      FloatVector v = fromMemorySegment(F, x, base + at, ORDER).sub(m).sub(l);
      v.intoMemorySegment(y, base + at, ORDER);
    }
    if (at < bytes) {
      VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, n);
      FloatVector v = fromMemorySegment(F, x, base + at, ORDER, rest).sub(m).sub(l);
      v.intoMemorySegment(y, base + at, ORDER, rest);
    }
  }

  /** {@code gx (+)= y·(gy - dot)}. */
  static void gradient(
      MemorySegment y,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long row,
      int n,
      float dot) {
    FloatVector d = FloatVector.broadcast(F, dot);
    long base = row * Float.BYTES;
    int bytes = n * Float.BYTES;
    int at = 0;
    for (; at <= bytes - BYTES; at += BYTES) {
      FloatVector g = fromMemorySegment(F, gy, base + at, ORDER).sub(d);
      g = g.mul(fromMemorySegment(F, y, base + at, ORDER));
      if (accumulate) {
        g = g.add(fromMemorySegment(F, gx, base + at, ORDER));
      }
      g.intoMemorySegment(gx, base + at, ORDER);
    }
    if (at < bytes) {
      VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, n);
      FloatVector g = fromMemorySegment(F, gy, base + at, ORDER, rest).sub(d);
      g = g.mul(fromMemorySegment(F, y, base + at, ORDER, rest));
      if (accumulate) {
        g = g.add(fromMemorySegment(F, gx, base + at, ORDER, rest));
      }
      g.intoMemorySegment(gx, base + at, ORDER, rest);
    }
  }

  /** {@code gx (+)= gy - e^y·sum}. */
  static void logGradient(
      MemorySegment y,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long row,
      int n,
      float sum) {
    FloatVector s = FloatVector.broadcast(F, sum);
    long base = row * Float.BYTES;
    int bytes = n * Float.BYTES;
    int at = 0;
    for (; at <= bytes - BYTES; at += BYTES) {
      FloatVector e = FastMath.expNonPositive(fromMemorySegment(F, y, base + at, ORDER));
      FloatVector g = fromMemorySegment(F, gy, base + at, ORDER).sub(e.mul(s));
      if (accumulate) {
        g = g.add(fromMemorySegment(F, gx, base + at, ORDER));
      }
      g.intoMemorySegment(gx, base + at, ORDER);
    }
    for (; at < bytes; at += Float.BYTES) {
      float e = FastMath.expNonPositive(y.get(JAVA_FLOAT, base + at));
      float g = gy.get(JAVA_FLOAT, base + at) - e * sum;
      gx.set(JAVA_FLOAT, base + at, accumulate ? g + gx.get(JAVA_FLOAT, base + at) : g);
    }
  }
}
