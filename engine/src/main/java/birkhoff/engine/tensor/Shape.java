package birkhoff.engine.tensor;

import birkhoff.engine.error.ShapeException;
import java.util.Arrays;

/**
 * The sizes of a tensor's dimensions, outermost first. Rank 0 is a scalar; a size may be zero.
 * Immutable.
 */
public final class Shape {
  private final long[] sizes;
  private final long count;

  private Shape(long[] sizes) {
    this.sizes = sizes;
    long product = 1;
    for (long size : sizes) {
      if (size < 0) {
        throw new ShapeException("shape " + Arrays.toString(sizes) + ": a size is negative");
      }
      try {
        product = Math.multiplyExact(product, size);
      } catch (ArithmeticException e) {
        throw new ShapeException(
            "shape " + Arrays.toString(sizes) + ": more than 2^63 elements are not addressable");
      }
    }
    this.count = product;
  }

  public static Shape of(long... sizes) {
    return new Shape(sizes.clone());
  }

  public int rank() {
    return sizes.length;
  }

  /** Size of dimension {@code axis}; a negative axis counts from the end. */
  public long size(int axis) {
    return sizes[axis(axis)];
  }

  /** The non-negative form of {@code axis}; refuses one outside the rank. */
  public int axis(int axis) {
    return axis("shape", axis);
  }

  /** {@link #axis(int)} with a refusal that names {@code op}. */
  public int axis(String op, int axis) {
    int a = axis < 0 ? axis + sizes.length : axis;
    if (a < 0 || a >= sizes.length) {
      throw new ShapeException(
          op + ": axis " + axis + " is outside shape " + this + " of rank " + sizes.length);
    }
    return a;
  }

  /** Number of elements. */
  public long count() {
    return count;
  }

  public long[] toArray() {
    return sizes.clone();
  }

  /** This shape with dimension {@code axis} replaced. */
  public Shape with(int axis, long size) {
    long[] s = sizes.clone();
    s[axis(axis)] = size;
    return new Shape(s);
  }

  /** This shape without dimension {@code axis}. */
  public Shape without(int axis) {
    int a = axis(axis);
    long[] s = new long[sizes.length - 1];
    for (int i = 0, j = 0; i < sizes.length; i++) {
      if (i != a) {
        s[j++] = sizes[i];
      }
    }
    return new Shape(s);
  }

  /** Row-major strides in elements. */
  public long[] rowMajorStrides() {
    long[] strides = new long[sizes.length];
    long step = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(1, sizes[i]);
    }
    return strides;
  }

  /**
   * The common shape under NumPy's broadcasting rule.
   *
   * @throws ShapeException naming {@code op} and both shapes when there is none
   */
  public static Shape broadcast(String op, Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    long[] s = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long x = i <= a.rank() ? a.sizes[a.rank() - i] : 1;
      long y = i <= b.rank() ? b.sizes[b.rank() - i] : 1;
      if (x != y && x != 1 && y != 1) {
        throw new ShapeException(
            op + ": shapes " + a + " and " + b + " do not broadcast (sizes must match or be 1)");
      }
      s[rank - i] = x == 1 ? y : x;
    }
    return new Shape(s);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Shape other && Arrays.equals(sizes, other.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  @Override
  public String toString() {
    return Arrays.toString(sizes);
  }
}
