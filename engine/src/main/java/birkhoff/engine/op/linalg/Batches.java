package birkhoff.engine.op.linalg;

import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import java.util.Arrays;

/**
 * The leading dimensions of a batched product {@code c = a·b}, broadcast to a common shape, without
 * those of size 1.
 *
 * @param sizes of the common shape
 * @param a strides of the first operand, 0 where it is repeated; likewise {@code b}
 * @param c strides of the result, 0 where products are added up
 */
@SuppressWarnings("ArrayRecordComponent") // never leaves the package, never changed
record Batches(long[] sizes, long[] a, long[] b, long[] c) {
  /** A single product. */
  static final Batches NONE = new Batches(new long[0], new long[0], new long[0], new long[0]);

  static Batches of(Tensor a, Tensor b, Tensor c) {
    Shape operands = Shape.broadcast("matmul", lead(a), lead(b));
    Shape all = Shape.broadcast("matmul", operands, lead(c));
    long[] sizes = all.toArray();
    return new Batches(
        without1(sizes, sizes),
        without1(strides(a, all), sizes),
        without1(strides(b, all), sizes),
        without1(strides(c, all), sizes));
  }

  private static Shape lead(Tensor t) {
    return t.shape().without(-1).without(-1);
  }

  private static long[] strides(Tensor t, Shape all) {
    Shape own = lead(t);
    long[] strides = new long[all.rank()];
    int shift = all.rank() - own.rank();
    for (int i = 0; i < own.rank(); i++) {
      strides[i + shift] = own.size(i) == 1 ? 0 : t.layout().stride(i);
    }
    return strides;
  }

  private static long[] without1(long[] values, long[] sizes) {
    long[] kept = new long[values.length];
    int n = 0;
    for (int i = 0; i < values.length; i++) {
      if (sizes[i] != 1) {
        kept[n++] = values[i];
      }
    }
    return Arrays.copyOf(kept, n);
  }

  /** Number of products. */
  long count() {
    long count = 1;
    for (long size : sizes) {
      count *= size;
    }
    return count;
  }

  /** Whether one step per operand walks all products, each with a result of its own. */
  boolean foldable() {
    for (long stride : c) {
      if (stride == 0) {
        return false;
      }
    }
    return even(a) && even(b) && even(c);
  }

  private boolean even(long[] strides) {
    for (int i = 0; i + 1 < sizes.length; i++) {
      if (strides[i] != strides[i + 1] * sizes[i + 1]) {
        return false;
      }
    }
    return true;
  }

  /** The step from one product's operand to the next, when {@link #foldable}. */
  long step(long[] strides) {
    return sizes.length == 0 ? 0 : strides[sizes.length - 1];
  }

  /** Where an operand of product {@code i}, counted row-major, starts. */
  long position(long[] strides, long i) {
    long rest = i;
    long position = 0;
    for (int d = sizes.length - 1; d >= 0; d--) {
      position += rest % sizes[d] * strides[d];
      rest /= sizes[d];
    }
    return position;
  }
}
