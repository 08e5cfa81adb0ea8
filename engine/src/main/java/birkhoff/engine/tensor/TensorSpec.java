package birkhoff.engine.tensor;

/** Shape and element type of a tensor that need not exist yet. */
public record TensorSpec(Shape shape, DType dtype) {
  public static TensorSpec of(Shape shape, DType dtype) {
    return new TensorSpec(shape, dtype);
  }

  /** Bytes of a contiguous tensor of this kind. */
  public long bytes() {
    return Math.multiplyExact(shape.count(), dtype.bytes());
  }

  @Override
  public String toString() {
    return dtype.name().toLowerCase(java.util.Locale.ROOT) + shape;
  }
}
