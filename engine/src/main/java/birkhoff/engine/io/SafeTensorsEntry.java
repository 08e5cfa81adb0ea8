package birkhoff.engine.io;

import java.util.Arrays;
import java.util.List;

/**
 * One tensor of a safetensors file.
 *
 * @param name unique name
 * @param type element type
 * @param shape extents, outermost first, row-major; empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end one past the last byte, counted from the end of the header
 */
public record SafeTensorsEntry(
    String name, SafeTensorsType type, List<Long> shape, long begin, long end) {

  /** Copies the shape. */
  public SafeTensorsEntry {
    shape = List.copyOf(shape);
  }

  /** Bytes of data. */
  public long byteSize() {
    return end - begin;
  }

  /** Number of elements; 1 for a scalar, 0 when any extent is 0. */
  public long elements() {
    return byteSize() / type.byteSize();
  }

  /** The shape as an array, for callers that compare with one. */
  public long[] shapeArray() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /** Whether the shape equals the given extents. */
  public boolean hasShape(long... extents) {
    return Arrays.equals(shapeArray(), extents);
  }

  /**
   * Bytes that a tensor of this type and shape needs.
   *
   * @throws ArithmeticException when the product overflows 63 bits
   * @throws IllegalArgumentException for a negative extent
   */
  static long byteSize(SafeTensorsType type, List<Long> shape) {
    long product = type.byteSize();
    for (long extent : shape) {
      if (extent < 0) {
        throw new IllegalArgumentException("negative extent " + extent);
      }
      product = Math.multiplyExact(product, extent);
    }
    return product;
  }
}
