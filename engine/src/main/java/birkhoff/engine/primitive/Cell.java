package birkhoff.engine.primitive;

import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The memory of a floating tensor with one element, for jobs: whether the tensor is still valid is
 * asked once, when the cell is made.
 */
public record Cell(MemorySegment memory, DType dtype) {
  /**
   * The element of {@code one}.
   *
   * @throws birkhoff.engine.error.StaleTensorException when its memory is no longer valid
   */
  public static Cell of(Tensor one) {
    return new Cell(one.data(), one.dtype());
  }

  /** Whether a cell can be of this type: float32 or float64. */
  static boolean holds(DType dtype) {
    return dtype == DType.FLOAT32 || dtype == DType.FLOAT64;
  }

  public double get() {
    return dtype == DType.FLOAT32
        ? memory.get(ValueLayout.JAVA_FLOAT, 0)
        : memory.get(ValueLayout.JAVA_DOUBLE, 0);
  }

  public void set(double value) {
    if (dtype == DType.FLOAT32) {
      memory.set(ValueLayout.JAVA_FLOAT, 0, (float) value);
    } else {
      memory.set(ValueLayout.JAVA_DOUBLE, 0, value);
    }
  }
}
