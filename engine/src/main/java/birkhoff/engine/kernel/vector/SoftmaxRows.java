package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.load;
import static birkhoff.engine.kernel.vector.Lanes.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Last passes of softmax, log-softmax and their gradients over one row. */
final class SoftmaxRows {
  private SoftmaxRows() {}

  /** {@code y = x - max - logSum}. */
  static void subtract(
      MemorySegment x, MemorySegment y, long row, long n, float max, float logSum) {
    long i = 0;
    for (; i <= n - LENGTH; i += LENGTH) {
      store(load(x, row + i).sub(max).sub(logSum), y, row + i);
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      store(load(x, row + i, rest).sub(max).sub(logSum), y, row + i, rest);
    }
  }

  /** {@code gx (+)= y·(gy - dot)}. */
  static void gradient(
      MemorySegment y,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long row,
      long n,
      float dot) {
    long i = 0;
    if (accumulate) {
      for (; i <= n - LENGTH; i += LENGTH) {
        store(load(gy, row + i).sub(dot).fma(load(y, row + i), load(gx, row + i)), gx, row + i);
      }
    } else {
      for (; i <= n - LENGTH; i += LENGTH) {
        store(load(gy, row + i).sub(dot).mul(load(y, row + i)), gx, row + i);
      }
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      FloatVector g = load(gy, row + i, rest).sub(dot).mul(load(y, row + i, rest));
      store(accumulate ? g.add(load(gx, row + i, rest)) : g, gx, row + i, rest);
    }
  }

  /** {@code gx (+)= gy - e^y·sum}. */
  static void logGradient(
      MemorySegment y,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long row,
      long n,
      float sum) {
    long i = 0;
    if (accumulate) {
      for (; i <= n - LENGTH; i += LENGTH) {
        FloatVector e = FastMath.expNonPositive(load(y, row + i));
        store(load(gy, row + i).sub(e.mul(sum)).add(load(gx, row + i)), gx, row + i);
      }
    } else {
      for (; i <= n - LENGTH; i += LENGTH) {
        FloatVector e = FastMath.expNonPositive(load(y, row + i));
        store(load(gy, row + i).sub(e.mul(sum)), gx, row + i);
      }
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      FloatVector e = FastMath.expNonPositive(load(y, row + i, rest));
      FloatVector g = load(gy, row + i, rest).sub(e.mul(sum));
      store(accumulate ? g.add(load(gx, row + i, rest)) : g, gx, row + i, rest);
    }
  }
}
