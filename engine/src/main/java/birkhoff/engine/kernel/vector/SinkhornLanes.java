package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.DoubleLanes.CELL;
import static birkhoff.engine.kernel.vector.DoubleLanes.D;
import static birkhoff.engine.kernel.vector.DoubleLanes.HALF;
import static birkhoff.engine.kernel.vector.DoubleLanes.at;
import static birkhoff.engine.kernel.vector.DoubleLanes.load;
import static birkhoff.engine.kernel.vector.DoubleLanes.narrow;
import static birkhoff.engine.kernel.vector.DoubleLanes.put;
import static birkhoff.engine.kernel.vector.ExpLanes.cell;

import birkhoff.engine.kernel.MixerShape;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * Sinkhorn-Knopp iterations of a group of tokens. The first division of columns is a softmax, so
 * that nothing overflows. Scratch: the matrix, d·d cells; its gradient, d·d cells; every sum that
 * was divided by, 2d cells an iteration; one more. The backward pass multiplies by the sums again
 * instead of keeping every matrix.
 */
final class SinkhornLanes {
  private SinkhornLanes() {}

  static long scratchBytes(MixerShape.Sinkhorn shape) {
    return cell(sums(shape), 2L * shape.iterations() * shape.d() + 1);
  }

  private static long gradient(MixerShape.Sinkhorn shape) {
    return cell(0, (long) shape.d() * shape.d());
  }

  private static long sums(MixerShape.Sinkhorn shape) {
    return cell(0, 2L * shape.d() * shape.d());
  }

  /** The sum of line {@code l} in step {@code k}; columns at even steps, rows at odd ones. */
  private static long sum(MixerShape.Sinkhorn shape, int k, int l) {
    return cell(sums(shape), (long) k * shape.d() + l);
  }

  private static long first(int d, int k, int l) {
    return cell(0, k % 2 == 0 ? l : (long) l * d);
  }

  private static long step(int d, int k) {
    return k % 2 == 0 ? cell(0, d) : CELL;
  }

  private static void run(
      MixerShape.Sinkhorn shape, MemorySegment z, long tokens, long t, int count, MemorySegment m) {
    int d = shape.d();
    load(z, d * d, tokens, t, count, m, 0);
    for (int j = 0; j < d; j++) {
      ExpLanes.exponentials(m, first(d, 0, j), d, step(d, 0), sum(shape, 0, j));
    }
    for (int k = 0; k < 2 * shape.iterations(); k++) {
      for (int l = 0; l < d; l++) {
        ExpLanes.sum(m, first(d, k, l), d, step(d, k), sum(shape, k, l));
        ExpLanes.divide(m, first(d, k, l), d, step(d, k), sum(shape, k, l));
      }
    }
  }

  static void mix(
      MixerShape.Sinkhorn shape,
      MemorySegment z,
      MemorySegment h,
      MemorySegment scratch,
      long tokens,
      long t,
      int count) {
    run(shape, z, tokens, t, count, scratch);
    for (int k = 0; k < shape.d() * shape.d(); k++) {
      narrow(scratch, cell(0, k), h, (k * tokens + t) * Float.BYTES, count);
    }
  }

  /** Through {@code y = m/σ} comes {@code (g - <g, y>)/σ}; through the exponential, its value. */
  static void mixVjp(
      MixerShape.Sinkhorn shape,
      MemorySegment z,
      MemorySegment gh,
      MemorySegment gz,
      MemorySegment scratch,
      long tokens,
      long t,
      int count) {
    int d = shape.d();
    long gradient = gradient(shape);
    run(shape, z, tokens, t, count, scratch);
    load(gh, d * d, tokens, t, count, scratch, gradient);
    long dot = cell(sums(shape), 2L * shape.iterations() * d);
    for (int k = 2 * shape.iterations() - 1; k >= 0; k--) {
      long step = step(d, k);
      for (int l = 0; l < d; l++) {
        long first = first(d, k, l);
        ExpLanes.dot(scratch, first, gradient + first, d, step, dot);
        if (k > 0) {
          undo(scratch, first, gradient, d, step, dot, sum(shape, k, l));
        } else {
          softmax(scratch, first, gradient, d, step, dot);
        }
      }
    }
    for (int k = 0; k < d * d; k++) {
      narrow(scratch, cell(gradient, k), gz, (k * tokens + t) * Float.BYTES, count);
    }
  }

  private static void undo(
      MemorySegment m, long first, long gradient, int d, long step, long dot, long sum) {
    DoubleVector one = DoubleVector.broadcast(D, 1);
    DoubleVector f0 = one.div(at(m, sum));
    DoubleVector f1 = one.div(at(m, sum + HALF));
    for (int k = 0; k < d; k++) {
      long o = first + k * step;
      long g = gradient + o;
      put(at(m, g).sub(at(m, dot)).mul(f0), m, g);
      put(at(m, g + HALF).sub(at(m, dot + HALF)).mul(f1), m, g + HALF);
      put(at(m, o).mul(at(m, sum)), m, o);
      put(at(m, o + HALF).mul(at(m, sum + HALF)), m, o + HALF);
    }
  }

  private static void softmax(
      MemorySegment m, long first, long gradient, int d, long step, long dot) {
    for (int k = 0; k < d; k++) {
      long o = first + k * step;
      long g = gradient + o;
      put(at(m, g).sub(at(m, dot)).mul(at(m, o)), m, g);
      put(at(m, g + HALF).sub(at(m, dot + HALF)).mul(at(m, o + HALF)), m, g + HALF);
    }
  }
}
