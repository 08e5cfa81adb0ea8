package birkhoff.engine.tensor;

import birkhoff.engine.error.ShapeException;
import java.util.Arrays;

/**
 * How a shape lies in storage: element {@code (i0, i1, …)} is at {@code offset + Σ i·stride}, in
 * elements. Views share storage and differ in layout only. Immutable; strides are never negative.
 */
public final class Layout {
  private final Shape shape;
  private final long[] strides;
  private final long offset;
  private final boolean contiguous;

  private Layout(Shape shape, long[] strides, long offset) {
    this.shape = shape;
    this.strides = strides;
    // An empty view at the far edge must not start behind its storage.
    this.offset = shape.count() == 0 ? 0 : offset;
    this.contiguous = rowMajor(shape, strides);
  }

  public static Layout contiguous(Shape shape) {
    return new Layout(shape, shape.rowMajorStrides(), 0);
  }

  private static boolean rowMajor(Shape shape, long[] strides) {
    long step = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      if (shape.size(i) != 1 && strides[i] != step) {
        return shape.count() == 0;
      }
      step *= shape.size(i);
    }
    return true;
  }

  public Shape shape() {
    return shape;
  }

  public long stride(int axis) {
    return strides[shape.axis(axis)];
  }

  public long[] strides() {
    return strides.clone();
  }

  /** Position of the first element, in elements from the start of the storage; 0 without one. */
  public long offset() {
    return offset;
  }

  /** True when the elements lie row-major without gaps. */
  public boolean isContiguous() {
    return contiguous;
  }

  /** Distance from the first to behind the last element, in elements; 0 for an empty shape. */
  public long extent() {
    if (shape.count() == 0) {
      return 0;
    }
    long last = 0;
    for (int i = 0; i < strides.length; i++) {
      last += (shape.size(i) - 1) * strides[i];
    }
    return last + 1;
  }

  /** Storage position of one element; refuses an index outside the shape. */
  public long position(long... index) {
    if (index.length != shape.rank()) {
      throw new ShapeException("index " + Arrays.toString(index) + " for shape " + shape);
    }
    long p = offset;
    for (int i = 0; i < index.length; i++) {
      if (index[i] < 0 || index[i] >= shape.size(i)) {
        throw new ShapeException("index " + Arrays.toString(index) + " outside shape " + shape);
      }
      p += index[i] * strides[i];
    }
    return p;
  }

  public Layout transpose(int a, int b) {
    int x = shape.axis("transpose", a);
    int y = shape.axis("transpose", b);
    long[] order = shape.toArray();
    long[] st = strides.clone();
    order[x] = shape.size(y);
    order[y] = shape.size(x);
    st[x] = strides[y];
    st[y] = strides[x];
    return new Layout(Shape.of(order), st, offset);
  }

  /** Elements {@code [from, to)} of dimension {@code axis}. */
  public Layout slice(int axis, long from, long to) {
    int a = shape.axis("slice", axis);
    if (from < 0 || to < from || to > shape.size(a)) {
      throw new ShapeException(
          "slice: range [" + from + ", " + to + ") of axis " + axis + " outside shape " + shape);
    }
    return new Layout(shape.with(a, to - from), strides.clone(), offset + from * strides[a]);
  }

  /** Stride 0 along the dimensions that grow; refuses a shape that does not broadcast. */
  public Layout broadcastTo(Shape target) {
    if (!Shape.broadcast("broadcastTo", shape, target).equals(target)) {
      throw new ShapeException("broadcastTo: shape " + shape + " does not broadcast to " + target);
    }
    long[] st = new long[target.rank()];
    int shift = target.rank() - shape.rank();
    for (int i = 0; i < shape.rank(); i++) {
      st[i + shift] = shape.size(i) == target.size(i + shift) ? strides[i] : 0;
    }
    return new Layout(target, st, offset);
  }

  /** The same elements under another shape; only a contiguous layout can be reshaped. */
  public Layout reshape(Shape target) {
    if (target.count() != shape.count()) {
      throw new ShapeException(
          "reshape: " + shape + " has " + shape.count() + " elements, " + target + " does not");
    }
    if (!contiguous) {
      throw new ShapeException(
          "reshape: " + shape + " is a strided view; call contiguous() on it first");
    }
    return new Layout(target, target.rowMajorStrides(), offset);
  }

  @Override
  public String toString() {
    return shape + " strides " + Arrays.toString(strides) + " offset " + offset;
  }
}
