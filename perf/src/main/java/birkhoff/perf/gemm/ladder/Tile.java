package birkhoff.perf.gemm.ladder;

import static birkhoff.perf.gemm.ladder.Vectorised.all;
import static birkhoff.perf.gemm.ladder.Vectorised.at;

import birkhoff.engine.kernel.vector.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Four rows and two vectors of {@code C} in registers: eight sums that do not wait for one another,
 * and two loads and four broadcasts for eight multiply-adds.
 */
final class Tile {
  static final int ROWS = 4;
  static final int COLUMNS = 2 * Lanes.LENGTH;

  private Tile() {}

  /**
   * Adds {@code terms} terms to the tile of {@code c} at element {@code to}. All positions and
   * distances are in elements.
   *
   * @param row distance of the rows of {@code a}
   * @param step distance of the terms in a row of {@code a}
   * @param next distance of the terms in {@code b}
   */
  static void add(
      int terms,
      MemorySegment a,
      long fromA,
      long row,
      long step,
      MemorySegment b,
      long fromB,
      long next,
      MemorySegment c,
      long to,
      int n) {
    FloatVector c00 = at(c, to);
    FloatVector c01 = at(c, to + Lanes.LENGTH);
    FloatVector c10 = at(c, to + n);
    FloatVector c11 = at(c, to + n + Lanes.LENGTH);
    FloatVector c20 = at(c, to + 2L * n);
    FloatVector c21 = at(c, to + 2L * n + Lanes.LENGTH);
    FloatVector c30 = at(c, to + 3L * n);
    FloatVector c31 = at(c, to + 3L * n + Lanes.LENGTH);
    for (int k = 0; k < terms; k++) {
      FloatVector b0 = at(b, fromB + k * next);
      FloatVector b1 = at(b, fromB + k * next + Lanes.LENGTH);
      long first = fromA + k * step;
      FloatVector x = all(a, first);
      c00 = b0.fma(x, c00);
      c01 = b1.fma(x, c01);
      x = all(a, first + row);
      c10 = b0.fma(x, c10);
      c11 = b1.fma(x, c11);
      x = all(a, first + 2 * row);
      c20 = b0.fma(x, c20);
      c21 = b1.fma(x, c21);
      x = all(a, first + 3 * row);
      c30 = b0.fma(x, c30);
      c31 = b1.fma(x, c31);
    }
    store(c00, c01, c, to);
    store(c10, c11, c, to + n);
    store(c20, c21, c, to + 2L * n);
    store(c30, c31, c, to + 3L * n);
  }

  private static void store(FloatVector left, FloatVector right, MemorySegment c, long to) {
    left.intoMemorySegment(c, to * Float.BYTES, Lanes.ORDER);
    right.intoMemorySegment(c, (to + Lanes.LENGTH) * Float.BYTES, Lanes.ORDER);
  }
}
