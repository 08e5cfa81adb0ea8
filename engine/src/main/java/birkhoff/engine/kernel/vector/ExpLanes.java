package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.DoubleLanes.CELL;
import static birkhoff.engine.kernel.vector.DoubleLanes.D;
import static birkhoff.engine.kernel.vector.DoubleLanes.HALF;
import static birkhoff.engine.kernel.vector.DoubleLanes.at;
import static birkhoff.engine.kernel.vector.DoubleLanes.expNonPositive;
import static birkhoff.engine.kernel.vector.DoubleLanes.put;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/** Sums and exponentials of lines of cells: {@code count} of them, {@code step} bytes apart. */
final class ExpLanes {
  /** Less than this below the largest of its line counts as this far: sums then divide safely. */
  private static final double DEPTH = -700;

  private ExpLanes() {}

  /** Each number x of a line becomes {@code e^(x - most)}; {@code spare} is a free cell. */
  static void exponentials(MemorySegment m, long first, int count, long step, long spare) {
    DoubleVector m0 = at(m, first);
    DoubleVector m1 = at(m, first + HALF);
    for (int k = 1; k < count; k++) {
      long o = first + k * step;
      m0 = at(m, o).max(m0);
      m1 = at(m, o + HALF).max(m1);
    }
    put(m0, m, spare);
    put(m1, m, spare + HALF);
    for (int k = 0; k < count; k++) {
      long o = first + k * step;
      put(expNonPositive(at(m, o).sub(at(m, spare)).max(DEPTH)), m, o);
      long p = o + HALF;
      put(expNonPositive(at(m, p).sub(at(m, spare + HALF)).max(DEPTH)), m, p);
    }
  }

  /** The sum of a line to the cell {@code sum}. */
  static void sum(MemorySegment m, long first, int count, long step, long sum) {
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = DoubleVector.zero(D);
    for (int k = 0; k < count; k++) {
      long o = first + k * step;
      s0 = at(m, o).add(s0);
      s1 = at(m, o + HALF).add(s1);
    }
    put(s0, m, sum);
    put(s1, m, sum + HALF);
  }

  /** The inner product of the lines from {@code a} and from {@code b} to the cell {@code sum}. */
  static void dot(MemorySegment m, long a, long b, int count, long step, long sum) {
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = DoubleVector.zero(D);
    for (int k = 0; k < count; k++) {
      long o = k * step;
      s0 = at(m, a + o).fma(at(m, b + o), s0);
      s1 = at(m, a + o + HALF).fma(at(m, b + o + HALF), s1);
    }
    put(s0, m, sum);
    put(s1, m, sum + HALF);
  }

  /** Divides a line by the cell {@code divisor}. */
  static void divide(MemorySegment m, long first, int count, long step, long divisor) {
    DoubleVector one = DoubleVector.broadcast(D, 1);
    DoubleVector f0 = one.div(at(m, divisor));
    DoubleVector f1 = one.div(at(m, divisor + HALF));
    for (int k = 0; k < count; k++) {
      long o = first + k * step;
      put(at(m, o).mul(f0), m, o);
      put(at(m, o + HALF).mul(f1), m, o + HALF);
    }
  }

  /** Cell {@code k} from {@code first}. */
  static long cell(long first, long k) {
    return first + k * CELL;
  }
}
