package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Transposes square blocks of {@link Lanes#LENGTH} rows in registers. Interleaving row {@code j}
 * with row {@code j + LENGTH/2} for all {@code j} rotates the bits of an element's position (row,
 * column) by one; log2(LENGTH) such steps exchange row and column. Two steps are done at a time on
 * four vectors, with the block in {@code work} between them.
 */
final class GemmTranspose {
  /** Floats of {@code work} that a block needs. */
  static final int WORK = LENGTH * LENGTH;

  private static final int QUARTER = LENGTH / 4;
  private static final int HALF = LENGTH / 2;
  // Rows that the second pass finishes at a time.
  private static final int STEP = LENGTH == 16 ? 4 : LENGTH == 8 ? 2 : 1;
  private static final FloatVector LOW = interleave(0);
  private static final FloatVector HIGH = interleave(HALF);

  private GemmTranspose() {}

  private static FloatVector interleave(int first) {
    var index = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      index[i] = first + i / 2 + (i % 2) * LENGTH;
    }
    return FloatVector.fromArray(F, index, 0);
  }

  /**
   * Transposes up to {@link Lanes#LENGTH} source rows into rows of a segment. Missing rows of the
   * source repeat its last; columns are filled up to whole blocks with zeros. Offsets and distances
   * are in bytes.
   *
   * @param at first byte in {@code source}
   * @param rowBytes from one source row to the next
   * @param rows how many rows of the source there are, at least 1
   * @param columns how many columns of the source there are
   * @param pitch from one target row to the next
   */
  static void toSegment(
      MemorySegment source,
      long at,
      long rowBytes,
      int rows,
      int columns,
      float[] work,
      int workAt,
      MemorySegment target,
      long targetAt,
      long pitch) {
    FloatVector low = LOW;
    FloatVector high = HIGH;
    for (int block = 0; block < columns; block += LENGTH) {
      long from = at + (long) block * Float.BYTES;
      if (columns - block < LENGTH) {
        firstSteps(source, from, rowBytes, rows, columns - block, work, workAt);
      } else if (LENGTH == 2) {
        firstSteps(source, from, rowBytes, rows, LENGTH, work, workAt);
      } else {
        int last = rows - 1;
        for (int j = 0; j < QUARTER; j++) {
          long r0 = from + Math.min(j, last) * rowBytes;
          long r1 = from + Math.min(j + QUARTER, last) * rowBytes;
          long r2 = from + Math.min(j + 2 * QUARTER, last) * rowBytes;
          long r3 = from + Math.min(j + 3 * QUARTER, last) * rowBytes;
          FloatVector v0 = FloatVector.fromMemorySegment(F, source, r0, ORDER);
          FloatVector v1 = FloatVector.fromMemorySegment(F, source, r1, ORDER);
          FloatVector v2 = FloatVector.fromMemorySegment(F, source, r2, ORDER);
          FloatVector v3 = FloatVector.fromMemorySegment(F, source, r3, ORDER);
          FloatVector a = low.selectFrom(v0, v2);
          FloatVector b = high.selectFrom(v0, v2);
          FloatVector c = low.selectFrom(v1, v3);
          FloatVector d = high.selectFrom(v1, v3);
          int to = workAt + 4 * j * LENGTH;
          low.selectFrom(a, c).intoArray(work, to);
          high.selectFrom(a, c).intoArray(work, to + LENGTH);
          low.selectFrom(b, d).intoArray(work, to + 2 * LENGTH);
          high.selectFrom(b, d).intoArray(work, to + 3 * LENGTH);
        }
      }
      for (int j = 0; j < LENGTH; j += STEP) {
        int w = workAt + j / STEP * LENGTH;
        long to = targetAt + (block + j) * pitch;
        FloatVector v0 = FloatVector.fromArray(F, work, w);
        if (STEP == 4) {
          FloatVector v1 = FloatVector.fromArray(F, work, w + QUARTER * LENGTH);
          FloatVector v2 = FloatVector.fromArray(F, work, w + 2 * QUARTER * LENGTH);
          FloatVector v3 = FloatVector.fromArray(F, work, w + 3 * QUARTER * LENGTH);
          FloatVector a = low.selectFrom(v0, v2);
          FloatVector b = high.selectFrom(v0, v2);
          FloatVector c = low.selectFrom(v1, v3);
          FloatVector d = high.selectFrom(v1, v3);
          low.selectFrom(a, c).intoMemorySegment(target, to, ORDER);
          high.selectFrom(a, c).intoMemorySegment(target, to + pitch, ORDER);
          low.selectFrom(b, d).intoMemorySegment(target, to + 2 * pitch, ORDER);
          high.selectFrom(b, d).intoMemorySegment(target, to + 3 * pitch, ORDER);
        } else if (STEP == 2) {
          FloatVector v1 = FloatVector.fromArray(F, work, w + HALF * LENGTH);
          low.selectFrom(v0, v1).intoMemorySegment(target, to, ORDER);
          high.selectFrom(v0, v1).intoMemorySegment(target, to + pitch, ORDER);
        } else {
          v0.intoMemorySegment(target, to, ORDER);
        }
      }
    }
  }

  // The first pass with any number of columns: two steps, or one for vectors of two lanes.
  private static void firstSteps(
      MemorySegment source,
      long at,
      long rowBytes,
      int rows,
      int columns,
      float[] work,
      int workAt) {
    if (LENGTH < 4) {
      FloatVector v0 = row(source, at, columns);
      FloatVector v1 = row(source, at + Math.min(1, rows - 1) * rowBytes, columns);
      LOW.selectFrom(v0, v1).intoArray(work, workAt);
      HIGH.selectFrom(v0, v1).intoArray(work, workAt + LENGTH);
      return;
    }
    int last = rows - 1;
    for (int j = 0; j < QUARTER; j++) {
      FloatVector v0 = row(source, at + Math.min(j, last) * rowBytes, columns);
      FloatVector v1 = row(source, at + Math.min(j + QUARTER, last) * rowBytes, columns);
      FloatVector v2 = row(source, at + Math.min(j + 2 * QUARTER, last) * rowBytes, columns);
      FloatVector v3 = row(source, at + Math.min(j + 3 * QUARTER, last) * rowBytes, columns);
      FloatVector a = LOW.selectFrom(v0, v2);
      FloatVector b = HIGH.selectFrom(v0, v2);
      FloatVector c = LOW.selectFrom(v1, v3);
      FloatVector d = HIGH.selectFrom(v1, v3);
      int to = workAt + 4 * j * LENGTH;
      LOW.selectFrom(a, c).intoArray(work, to);
      HIGH.selectFrom(a, c).intoArray(work, to + LENGTH);
      LOW.selectFrom(b, d).intoArray(work, to + 2 * LENGTH);
      HIGH.selectFrom(b, d).intoArray(work, to + 3 * LENGTH);
    }
  }

  private static FloatVector row(MemorySegment source, long at, int columns) {
    if (columns >= LENGTH) {
      return FloatVector.fromMemorySegment(F, source, at, ORDER);
    }
    VectorMask<Float> mask = F.indexInRange(0, columns);
    return FloatVector.fromMemorySegment(F, source, at, ORDER, mask);
  }
}
