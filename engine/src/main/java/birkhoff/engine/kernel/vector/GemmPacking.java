package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.GemmColumnKernel.COLUMN_BYTES;
import static birkhoff.engine.kernel.vector.GemmColumnKernel.PITCH_BYTES;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.COLUMNS;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.ROWS;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.ROW_BYTES;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.ROW_PITCH;
import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Copies parts of the operands into the order in which the micro-kernel reads them. Where a tile
 * reaches over the operand's edge the packed values are arbitrary: they only meet rows and columns
 * of the tile that nobody stores. Offsets and distances of operands are in elements.
 */
final class GemmPacking {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final long LINE_BYTES = 64;

  // Elements of a line that the vectors of one block of rows cover.
  private static final int WHOLE_ROWS = GemmBlocking.roundUp(ROWS, LENGTH);

  private GemmPacking() {}

  /**
   * Reads one element of each cache line of {@code rows} pieces of {@code columns} elements, {@code
   * ld} apart, which are about to be used in another order. The processor prefetches what is read
   * from front to back; in other orders it waits for the memory each time.
   *
   * @return a value that keeps the compiler from leaving the reads out
   */
  static int touch(MemorySegment x, long first, long ld, int rows, int columns) {
    int sum = 0;
    for (int i = 0; i < rows; i++) {
      long from = (first + i * ld) * Float.BYTES;
      long end = from + (long) columns * Float.BYTES;
      for (long at = from; at < end; at += LINE_BYTES) {
        sum += x.get(INT, at);
      }
    }
    return sum;
  }

  /** Rows of A as they lie in memory: {@code rows} of {@code depth} elements, {@code ld} apart. */
  static void rows(
      MemorySegment a, long first, long ld, int rows, int depth, float[] packed, int at) {
    for (int i = 0; i < rows; i++) {
      long from = (first + i * ld) * Float.BYTES;
      MemorySegment.copy(a, FLOAT, from, packed, at + i * ROW_PITCH, depth);
    }
  }

  /**
   * Rows of A that are columns in memory, {@code depth} lines of {@code rows} elements, for {@link
   * GemmColumnKernel}: blocks of {@link GemmMicroKernel#ROWS} rows, column after column.
   *
   * @param at first byte in {@code packed}
   */
  static void rowsTransposed(
      MemorySegment a, long first, long ld, int rows, int depth, MemorySegment packed, long at) {
    // A line is read and stored as whole vectors; what they store too much, the next line repairs.
    // What follows the last line belongs to another task.
    int whole = Math.max(0, rows - WHOLE_ROWS + ROWS) / ROWS;
    int last = depth - 1;
    for (int p = 0; p < last; p++) {
      long from = (first + p * ld) * Float.BYTES;
      long to = at + p * COLUMN_BYTES;
      for (int block = 0; block < whole; block++) {
        long f = from + block * COLUMN_BYTES;
        long t = to + block * PITCH_BYTES;
        for (long v = 0; v < COLUMN_BYTES; v += BYTES) {
          FloatVector.fromMemorySegment(F, a, f + v, ORDER).intoMemorySegment(packed, t + v, ORDER);
        }
      }
    }
    lastRows(a, first + last * ld, ld, whole * ROWS, 1, packed, at + last * COLUMN_BYTES);
    if (whole * ROWS < rows) {
      lastRows(
          a,
          first + (long) whole * ROWS,
          ld,
          rows - whole * ROWS,
          depth,
          packed,
          at + whole * PITCH_BYTES);
    }
  }

  // The blocks whose vectors would reach too far.
  private static void lastRows(
      MemorySegment a, long first, long ld, int rows, int depth, MemorySegment packed, long at) {
    for (int i = 0; i < rows; i += ROWS) {
      long block = at + i / ROWS * PITCH_BYTES;
      for (int v = 0; v < Math.min(ROWS, rows - i); v += LENGTH) {
        VectorMask<Float> mask = F.indexInRange(v, Math.min(ROWS, rows - i));
        for (int p = 0; p < depth; p++) {
          long from = (first + p * ld + i + v) * Float.BYTES;
          long to = block + p * COLUMN_BYTES + v * (long) Float.BYTES;
          FloatVector.fromMemorySegment(F, a, from, ORDER, mask)
              .intoMemorySegment(packed, to, ORDER, mask);
        }
      }
    }
  }

  /**
   * Panels of {@link GemmMicroKernel#COLUMNS} columns of B as it lies in memory: {@code depth}
   * lines of {@code columns} elements.
   *
   * @param at first byte in {@code packed}
   * @param panelBytes bytes from one panel to the next
   */
  static void columns(
      MemorySegment b,
      long first,
      long ld,
      int columns,
      int depth,
      MemorySegment packed,
      long at,
      long panelBytes) {
    int whole = columns / COLUMNS;
    for (int p = 0; p < depth; p++) {
      long from = (first + p * ld) * Float.BYTES;
      long to = at + p * ROW_BYTES;
      for (int q = 0; q < whole; q++) {
        long f = from + q * ROW_BYTES;
        long t = to + q * panelBytes;
        FloatVector.fromMemorySegment(F, b, f, ORDER).intoMemorySegment(packed, t, ORDER);
        FloatVector.fromMemorySegment(F, b, f + BYTES, ORDER)
            .intoMemorySegment(packed, t + BYTES, ORDER);
      }
    }
    int rest = columns - whole * COLUMNS;
    if (rest > 0) {
      lastColumns(
          b, first + (long) whole * COLUMNS, ld, rest, depth, packed, at + whole * panelBytes);
    }
  }

  private static void lastColumns(
      MemorySegment b, long first, long ld, int rest, int depth, MemorySegment packed, long at) {
    VectorMask<Float> left = F.indexInRange(0, rest);
    VectorMask<Float> right = F.indexInRange(LENGTH, rest);
    for (int p = 0; p < depth; p++) {
      long from = (first + p * ld) * Float.BYTES;
      long to = at + p * ROW_BYTES;
      FloatVector.fromMemorySegment(F, b, from, ORDER, left).intoMemorySegment(packed, to, ORDER);
      if (rest > LENGTH) {
        FloatVector.fromMemorySegment(F, b, from + BYTES, ORDER, right)
            .intoMemorySegment(packed, to + BYTES, ORDER);
      }
    }
  }

  /** Panels of columns of B that are rows in memory, each of {@code depth} elements. */
  static void columnsTransposed(
      MemorySegment b,
      long first,
      long ld,
      int columns,
      int depth,
      float[] work,
      int workAt,
      MemorySegment packed,
      long at,
      long panelBytes) {
    for (int j = 0; j < columns; j += LENGTH) {
      GemmTranspose.toSegment(
          b,
          (first + j * ld) * Float.BYTES,
          ld * Float.BYTES,
          Math.min(LENGTH, columns - j),
          depth,
          work,
          workAt,
          packed,
          at + j / COLUMNS * panelBytes + j % COLUMNS * (long) Float.BYTES,
          ROW_BYTES);
    }
  }
}
