package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.AttentionTiles.PANEL;
import static birkhoff.engine.kernel.vector.AttentionTiles.ROW;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Moves a head's rows between tensors and the panels of {@link AttentionTiles}, and transposes
 * panels. Offsets and strides are in bytes.
 */
final class AttentionPacking {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

  // Rows are moved in pieces of constant length where they can be: without checks the processor
  // has several rows under way, which lie far apart in memory.
  private static final int PIECE = 32;
  private static final long PIECE_BYTES = PIECE * 4L;

  private static final VectorShuffle<Float> SWAP_1 = swap(1);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorMask<Float> ODD_1 = odd(1);
  private static final VectorMask<Float> ODD_2 = odd(2);
  private static final VectorMask<Float> ODD_4 = odd(4);
  private static final VectorMask<Float> ODD_8 = odd(8);

  private AttentionPacking() {}

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F, i -> (i ^ distance) % LENGTH);
  }

  /** Lanes of the odd runs of {@code distance}. */
  private static VectorMask<Float> odd(int distance) {
    long bits = 0;
    for (int i = 0; i < LENGTH; i++) {
      bits |= (i / distance % 2L) << i;
    }
    return VectorMask.fromLong(F, bits);
  }

  /**
   * Copies {@code rows} rows of {@code width} elements to panels {@code panel} bytes apart. Zeros
   * fill the columns up to whole register blocks, and {@code padded - rows} more rows.
   */
  static void pack(
      MemorySegment x,
      long from,
      long stride,
      MemorySegment s,
      long to,
      long panel,
      int rows,
      int padded,
      int width) {
    for (int first = 0; first < width; first += PANEL) {
      int count = Math.min(PANEL, width - first);
      int columns = AttentionTiles.columns(count);
      for (int r = 0; r < rows; r++) {
        packRow(x, from + r * stride + first * 4L, s, to + r * ROW, count, columns);
      }
      for (int r = rows; r < padded; r++) {
        zeroRow(s, to + r * ROW, columns);
      }
      to += panel;
    }
  }

  private static void packRow(
      MemorySegment x, long from, MemorySegment s, long to, int count, int columns) {
    int c = 0;
    for (; c + PIECE <= count; c += PIECE) {
      MemorySegment source = x.asSlice(from + c * 4L, PIECE_BYTES);
      MemorySegment target = s.asSlice(to + c * 4L, PIECE_BYTES);
      for (int i = 0; i < PIECE; i += LENGTH) {
        FloatVector.fromMemorySegment(F, source, i * 4L, ORDER)
            .intoMemorySegment(target, i * 4L, ORDER);
      }
    }
    for (; c + LENGTH <= count; c += LENGTH) {
      FloatVector.fromMemorySegment(F, x, from + c * 4L, ORDER)
          .intoMemorySegment(s, to + c * 4L, ORDER);
    }
    if (c < count) {
      VectorMask<Float> tail = F.indexInRange(c, count);
      FloatVector.fromMemorySegment(F, x, from + c * 4L, ORDER, tail)
          .intoMemorySegment(s, to + c * 4L, ORDER);
      c += LENGTH;
    }
    for (; c < columns; c += LENGTH) {
      FloatVector.zero(F).intoMemorySegment(s, to + c * 4L, ORDER);
    }
  }

  /** Zeros in the columns {@code [0, columns)} of a row. */
  static void zeroRow(MemorySegment s, long row, int columns) {
    for (int c = 0; c < columns; c += LENGTH) {
      FloatVector.zero(F).intoMemorySegment(s, row + c * 4L, ORDER);
    }
  }

  /** Copies panels back to rows of {@code width} elements, times {@code factor}. */
  static void unpack(
      MemorySegment s,
      long from,
      long panel,
      MemorySegment y,
      long to,
      long stride,
      int rows,
      int width,
      float factor) {
    for (int first = 0; first < width; first += PANEL) {
      int count = Math.min(PANEL, width - first);
      for (int r = 0; r < rows; r++) {
        unpackRow(s, from + r * ROW, y, to + r * stride + first * 4L, count, factor);
      }
      from += panel;
    }
  }

  /** The same, each row times its own factor, which lie side by side at {@code factors}. */
  static void unpackScaled(
      MemorySegment s,
      long from,
      long panel,
      MemorySegment y,
      long to,
      long stride,
      int rows,
      int width,
      long factors) {
    for (int first = 0; first < width; first += PANEL) {
      int count = Math.min(PANEL, width - first);
      for (int r = 0; r < rows; r++) {
        float factor = s.get(FLOAT, factors + r * 4L);
        unpackRow(s, from + r * ROW, y, to + r * stride + first * 4L, count, factor);
      }
      from += panel;
    }
  }

  private static void unpackRow(
      MemorySegment s, long from, MemorySegment y, long to, int count, float factor) {
    int c = 0;
    for (; c + PIECE <= count; c += PIECE) {
      MemorySegment source = s.asSlice(from + c * 4L, PIECE_BYTES);
      MemorySegment target = y.asSlice(to + c * 4L, PIECE_BYTES);
      for (int i = 0; i < PIECE; i += LENGTH) {
        FloatVector.fromMemorySegment(F, source, i * 4L, ORDER)
            .mul(factor)
            .intoMemorySegment(target, i * 4L, ORDER);
      }
    }
    for (; c + LENGTH <= count; c += LENGTH) {
      FloatVector.fromMemorySegment(F, s, from + c * 4L, ORDER)
          .mul(factor)
          .intoMemorySegment(y, to + c * 4L, ORDER);
    }
    if (c < count) {
      FloatVector.fromMemorySegment(F, s, from + c * 4L, ORDER)
          .mul(factor)
          .intoMemorySegment(y, to + c * 4L, ORDER, F.indexInRange(c, count));
    }
  }

  /**
   * Transposes panels {@code panel} bytes apart with {@code rows} rows (at most {@value
   * AttentionTiles#PANEL}, rounded up to whole vectors) and {@code width} columns into one panel of
   * {@code width} rows, rounded up likewise.
   */
  static void transpose(MemorySegment s, long from, long panel, long to, int rows, int width) {
    for (int first = 0; first < width; first += PANEL) {
      int count = Math.min(PANEL, width - first);
      for (int c = 0; c < count; c += LENGTH) {
        for (int r = 0; r < rows; r += LENGTH) {
          transposeTile(s, from + r * ROW + c * 4L, to + (first + c) * ROW + r * 4L);
        }
      }
      from += panel;
    }
  }

  /** One square of vectors, by swapping ever smaller off-diagonal quarters. */
  private static void transposeTile(MemorySegment s, long from, long to) {
    if (LENGTH == 16) {
      swapTwice(s, from, to, 4, SWAP_8, ODD_8, SWAP_4, ODD_4);
      swapTwice(s, to, to, 1, SWAP_2, ODD_2, SWAP_1, ODD_1);
    } else if (LENGTH == 8) {
      swapTwice(s, from, to, 2, SWAP_4, ODD_4, SWAP_2, ODD_2);
      swapOnce(s, to, to);
    } else if (LENGTH == 4) {
      swapTwice(s, from, to, 1, SWAP_2, ODD_2, SWAP_1, ODD_1);
    } else {
      swapOnce(s, from, to);
    }
  }

  /** Swaps quarters of {@code 4·step} square blocks, then those of {@code 2·step} square ones. */
  private static void swapTwice(
      MemorySegment s,
      long from,
      long to,
      int step,
      VectorShuffle<Float> far,
      VectorMask<Float> farOdd,
      VectorShuffle<Float> near,
      VectorMask<Float> nearOdd) {
    long next = step * ROW;
    for (int k = 0; k < LENGTH / 4; k++) {
      long x = from + (k / step * 4 * step + k % step) * ROW;
      long y = x - from + to;
      FloatVector a = FloatVector.fromMemorySegment(F, s, x, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(F, s, x + next, ORDER);
      FloatVector c = FloatVector.fromMemorySegment(F, s, x + 2 * next, ORDER);
      FloatVector d = FloatVector.fromMemorySegment(F, s, x + 3 * next, ORDER);
      FloatVector ac = a.blend(c.rearrange(far), farOdd);
      FloatVector ca = a.rearrange(far).blend(c, farOdd);
      FloatVector bd = b.blend(d.rearrange(far), farOdd);
      FloatVector db = b.rearrange(far).blend(d, farOdd);
      ac.blend(bd.rearrange(near), nearOdd).intoMemorySegment(s, y, ORDER);
      ac.rearrange(near).blend(bd, nearOdd).intoMemorySegment(s, y + next, ORDER);
      ca.blend(db.rearrange(near), nearOdd).intoMemorySegment(s, y + 2 * next, ORDER);
      ca.rearrange(near).blend(db, nearOdd).intoMemorySegment(s, y + 3 * next, ORDER);
    }
  }

  private static void swapOnce(MemorySegment s, long from, long to) {
    for (int k = 0; k < LENGTH; k += 2) {
      FloatVector a = FloatVector.fromMemorySegment(F, s, from + k * ROW, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(F, s, from + (k + 1) * ROW, ORDER);
      a.blend(b.rearrange(SWAP_1), ODD_1).intoMemorySegment(s, to + k * ROW, ORDER);
      a.rearrange(SWAP_1).blend(b, ODD_1).intoMemorySegment(s, to + (k + 1) * ROW, ORDER);
    }
  }
}
