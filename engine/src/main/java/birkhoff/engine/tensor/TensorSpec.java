package birkhoff.engine.tensor;

import birkhoff.engine.error.ShapeException;
import java.util.Locale;

/** Shape and element type of a tensor that need not exist yet. */
public record TensorSpec(Shape shape, DType dtype) {
  public static TensorSpec of(Shape shape, DType dtype) {
    return new TensorSpec(shape, dtype);
  }

  /**
   * Bytes of a contiguous tensor of this kind.
   *
   * @throws ShapeException when they are not addressable
   */
  public long bytes() {
    if (shape.count() > (Long.MAX_VALUE >> 1) / dtype.bytes()) {
      throw new ShapeException(this + ": more than 2^62 bytes are not addressable");
    }
    return shape.count() * dtype.bytes();
  }

  @Override
  public String toString() {
    return dtype.name().toLowerCase(Locale.ROOT) + shape;
  }
}
