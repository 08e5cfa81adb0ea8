package birkhoff.transformer.exchange;

import birkhoff.engine.io.SafeTensorsType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor in a mapped file.
 *
 * @param where file and name, for messages
 * @param type of its elements
 * @param shape outermost first, row-major
 * @param data little-endian, not aligned
 */
record StoredTensor(String where, SafeTensorsType type, long[] shape, MemorySegment data) {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int TILE = 32;

  /** Whether the elements are numbers that are widened to float32 without loss. */
  boolean isFloat() {
    return switch (type) {
      case F32, F16, BF16 -> true;
      default -> false;
    };
  }

  boolean hasShape(long... wanted) {
    return Arrays.equals(shape, wanted);
  }

  private float at(long index) {
    return switch (type) {
      case F32 -> data.get(FLOAT, index * Float.BYTES);
      case F16 -> Float.float16ToFloat(data.get(SHORT, index * Short.BYTES));
      case BF16 -> Float.intBitsToFloat(data.get(SHORT, index * Short.BYTES) << 16);
      default -> throw new IllegalStateException(where + " is " + type);
    };
  }

  /** The first elements as float32 in native order. */
  void copyTo(MemorySegment floats) {
    long count = floats.byteSize() / Float.BYTES;
    for (long i = 0; i < count; i++) {
      floats.setAtIndex(ValueLayout.JAVA_FLOAT, i, at(i));
    }
  }

  /** The transpose of a matrix as float32 in native order. */
  void transposeTo(MemorySegment floats) {
    long rows = shape[0];
    long columns = shape[1];
    for (long top = 0; top < rows; top += TILE) {
      for (long c = 0; c < columns; c++) {
        for (long r = top; r < Math.min(rows, top + TILE); r++) {
          floats.setAtIndex(ValueLayout.JAVA_FLOAT, c * rows + r, at(r * columns + c));
        }
      }
    }
  }
}
