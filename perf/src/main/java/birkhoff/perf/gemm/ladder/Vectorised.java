package birkhoff.perf.gemm.ladder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import birkhoff.engine.kernel.vector.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The same blocks, with one vector of {@code C} in a register while all terms of a block are added.
 * Nothing is stored in the inner loop any more, but each multiply-add waits for the one before: a
 * processor that begins two per cycle and needs four cycles for one reaches an eighth of its peak.
 */
final class Vectorised implements Rung {
  @Override
  public void multiply(int n, MemorySegment a, MemorySegment b, MemorySegment c) {
    c.asSlice(0, (long) n * n * Float.BYTES).fill((byte) 0);
    for (int k0 = 0; k0 < n; k0 += Blocked.TERMS) {
      for (int j0 = 0; j0 < n; j0 += Blocked.COLUMNS) {
        int end = Math.min(n, j0 + Blocked.COLUMNS);
        for (int i = 0; i < n; i++) {
          for (int j = j0; j < end; j += Lanes.LENGTH) {
            addTerms(n, a, (long) i * n + k0, b, (long) k0 * n + j, c, (long) i * n + j);
          }
        }
      }
    }
  }

  private static void addTerms(
      int n, MemorySegment a, long row, MemorySegment b, long column, MemorySegment c, long to) {
    FloatVector sum = at(c, to);
    for (int k = 0; k < Blocked.TERMS; k++) {
      sum = at(b, column + (long) k * n).fma(all(a, row + k), sum);
    }
    sum.intoMemorySegment(c, to * Float.BYTES, Lanes.ORDER);
  }

  /** The vector that begins with element {@code index}. */
  static FloatVector at(MemorySegment m, long index) {
    return FloatVector.fromMemorySegment(Lanes.F, m, index * Float.BYTES, Lanes.ORDER);
  }

  /** Element {@code index} in all lanes. */
  static FloatVector all(MemorySegment m, long index) {
    return FloatVector.broadcast(Lanes.F, m.getAtIndex(JAVA_FLOAT, index));
  }
}
