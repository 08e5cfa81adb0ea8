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
import birkhoff.engine.kernel.PermutationTable;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * Mixtures of permutations of a group of tokens. Scratch: the weights times their sum, P cells; the
 * gradients of the weights, P cells; those of the matrix, d·d cells; the sum; a result.
 */
final class PermutationLanes {
  private PermutationLanes() {}

  static long scratchBytes(MixerShape.Permutations shape) {
    return total(shape) + 2L * CELL;
  }

  private static long gradients(MixerShape.Permutations shape) {
    return cell(0, shape.parameters());
  }

  private static long matrix(MixerShape.Permutations shape) {
    return cell(0, 2L * shape.parameters());
  }

  private static long total(MixerShape.Permutations shape) {
    return cell(matrix(shape), (long) shape.d() * shape.d());
  }

  private static void weights(
      MixerShape.Permutations shape,
      MemorySegment z,
      long tokens,
      long t,
      int count,
      MemorySegment m) {
    int p = shape.parameters();
    load(z, p, tokens, t, count, m, 0);
    ExpLanes.exponentials(m, 0, p, CELL, total(shape));
    ExpLanes.sum(m, 0, p, CELL, total(shape));
  }

  static void mix(
      MixerShape.Permutations shape,
      MemorySegment z,
      MemorySegment h,
      MemorySegment scratch,
      long tokens,
      long t,
      int count) {
    weights(shape, z, tokens, t, count, scratch);
    var table = PermutationTable.of(shape);
    long total = total(shape);
    for (int place = 0; place < shape.d() * shape.d(); place++) {
      entry(table, place, scratch, total);
      narrow(scratch, total + CELL, h, (place * tokens + t) * Float.BYTES, count);
    }
  }

  /** The weights of the permutations that use a place, over all, to the result's cell. */
  private static void entry(PermutationTable table, int place, MemorySegment m, long total) {
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = DoubleVector.zero(D);
    for (int q = 0; q < table.perPlace(); q++) {
      long o = cell(0, table.user(place, q));
      s0 = at(m, o).add(s0);
      s1 = at(m, o + HALF).add(s1);
    }
    put(s0.div(at(m, total)), m, total + CELL);
    put(s1.div(at(m, total + HALF)), m, total + CELL + HALF);
  }

  /** With {@code g_k = <gh, P_k>}: {@code gz_k = w_k (g_k - Σ w g)}. */
  static void mixVjp(
      MixerShape.Permutations shape,
      MemorySegment z,
      MemorySegment gh,
      MemorySegment gz,
      MemorySegment scratch,
      long tokens,
      long t,
      int count) {
    int p = shape.parameters();
    long gradients = gradients(shape);
    long total = total(shape);
    weights(shape, z, tokens, t, count, scratch);
    ExpLanes.divide(scratch, 0, p, CELL, total);
    load(gh, shape.d() * shape.d(), tokens, t, count, scratch, matrix(shape));
    var table = PermutationTable.of(shape);
    for (int k = 0; k < p; k++) {
      gradient(table, k, shape.d(), scratch, matrix(shape), cell(gradients, k));
    }
    ExpLanes.dot(scratch, 0, gradients, p, CELL, total);
    for (int k = 0; k < p; k++) {
      back(scratch, cell(0, k), cell(gradients, k), total);
      narrow(scratch, total + CELL, gz, (k * tokens + t) * Float.BYTES, count);
    }
  }

  private static void gradient(
      PermutationTable table, int k, int d, MemorySegment m, long matrix, long to) {
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = DoubleVector.zero(D);
    for (int i = 0; i < d; i++) {
      long o = cell(matrix, table.place(k, i));
      s0 = at(m, o).add(s0);
      s1 = at(m, o + HALF).add(s1);
    }
    put(s0, m, to);
    put(s1, m, to + HALF);
  }

  private static void back(MemorySegment m, long weight, long gradient, long mean) {
    DoubleVector g0 = at(m, gradient).sub(at(m, mean));
    DoubleVector g1 = at(m, gradient + HALF).sub(at(m, mean + HALF));
    put(g0.mul(at(m, weight)), m, mean + CELL);
    put(g1.mul(at(m, weight + HALF)), m, mean + CELL + HALF);
  }
}
