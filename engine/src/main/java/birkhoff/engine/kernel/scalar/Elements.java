package birkhoff.engine.kernel.scalar;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Loads and stores of one floating type, widened to double and rounded back. Immutable. */
final class Elements {
  private final boolean single;

  Elements(DType dtype) {
    if (!dtype.isFloating()) {
      throw new DTypeException("scalar kernels serve float32 and float64, not " + dtype);
    }
    this.single = dtype == DType.FLOAT32;
  }

  double get(MemorySegment s, long i) {
    return single
        ? s.getAtIndex(ValueLayout.JAVA_FLOAT, i)
        : s.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
  }

  void set(MemorySegment s, long i, double value) {
    if (single) {
      s.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
    } else {
      s.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
    }
  }

  /** {@code s[i] = (accumulate ? s[i] : 0) + value}, rounded once. */
  void put(MemorySegment s, long i, double value, boolean accumulate) {
    set(s, i, accumulate ? get(s, i) + value : value);
  }

  /** Element {@code i}, or {@code ifNull} of a segment that is not there. */
  double getOr(MemorySegment s, long i, double ifNull) {
    return s == null ? ifNull : get(s, i);
  }

  static int id(MemorySegment ids, long i) {
    return ids.getAtIndex(ValueLayout.JAVA_INT, i);
  }
}
