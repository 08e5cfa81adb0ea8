package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.GemmMicroKernel.COLUMNS;
import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * What happens to a finished register tile {@code T}: {@code C = α·T + β·C}. The one place where
 * results are written.
 */
final class GemmUpdate {
  private GemmUpdate() {}

  /**
   * Updates {@code rows × columns} elements of C from the first of {@code tile}.
   *
   * @param at first byte in {@code c}
   * @param rowBytes bytes from one row of C to the next
   * @param beta 0 leaves the old contents unread
   */
  static void apply(
      float[] tile,
      int rows,
      int columns,
      float alpha,
      float beta,
      MemorySegment c,
      long at,
      long rowBytes) {
    if (columns < COLUMNS) {
      edge(tile, rows, columns, alpha, beta, c, at, rowBytes);
    } else if (beta == 0) {
      for (int i = 0; i < rows; i++) {
        MemorySegment row = c.asSlice(at + i * rowBytes, 2L * BYTES);
        int t = i * COLUMNS;
        FloatVector.fromArray(F, tile, t).mul(alpha).intoMemorySegment(row, 0, ORDER);
        FloatVector.fromArray(F, tile, t + LENGTH).mul(alpha).intoMemorySegment(row, BYTES, ORDER);
      }
    } else {
      FloatVector factor = FloatVector.broadcast(F, alpha);
      for (int i = 0; i < rows; i++) {
        MemorySegment row = c.asSlice(at + i * rowBytes, 2L * BYTES);
        int t = i * COLUMNS;
        FloatVector left = FloatVector.fromMemorySegment(F, row, 0, ORDER).mul(beta);
        FloatVector right = FloatVector.fromMemorySegment(F, row, BYTES, ORDER).mul(beta);
        FloatVector.fromArray(F, tile, t).fma(factor, left).intoMemorySegment(row, 0, ORDER);
        FloatVector.fromArray(F, tile, t + LENGTH)
            .fma(factor, right)
            .intoMemorySegment(row, BYTES, ORDER);
      }
    }
  }

  // The same arithmetic, element for element, on a tile that is cut off by the last column.
  private static void edge(
      float[] tile,
      int rows,
      int columns,
      float alpha,
      float beta,
      MemorySegment c,
      long at,
      long rowBytes) {
    for (int j = 0; j < columns; j += LENGTH) {
      VectorMask<Float> mask = F.indexInRange(j, columns);
      for (int i = 0; i < rows; i++) {
        long to = at + i * rowBytes + (long) j * Float.BYTES;
        FloatVector t = FloatVector.fromArray(F, tile, i * COLUMNS + j);
        FloatVector result =
            beta == 0
                ? t.mul(alpha)
                : t.fma(
                    FloatVector.broadcast(F, alpha),
                    FloatVector.fromMemorySegment(F, c, to, ORDER, mask).mul(beta));
        result.intoMemorySegment(c, to, ORDER, mask);
      }
    }
  }

  /** {@code C = β·C} on {@code n} elements from byte {@code at}. */
  static void scale(MemorySegment c, long at, int n, float beta) {
    MemorySegment row = c.asSlice(at, (long) n * Float.BYTES);
    if (beta == 0) {
      row.fill((byte) 0);
      return;
    }
    int j = 0;
    for (; j < F.loopBound(n); j += LENGTH) {
      long to = (long) j * Float.BYTES;
      FloatVector.fromMemorySegment(F, row, to, ORDER).mul(beta).intoMemorySegment(row, to, ORDER);
    }
    VectorMask<Float> mask = F.indexInRange(j, n);
    long to = (long) j * Float.BYTES;
    FloatVector.fromMemorySegment(F, row, to, ORDER, mask)
        .mul(beta)
        .intoMemorySegment(row, to, ORDER, mask);
  }
}
