package birkhoff.tests.gradcheck;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/** A small n-dimensional array in plain Java: what reference formulas compute with. */
record Values(double[] data, int[] shape) {
  static Values of(double[] data, long... shape) {
    return new Values(data, Arrays.stream(shape).mapToInt(Math::toIntExact).toArray());
  }

  /** Every element from its index. */
  static Values build(int[] shape, ToDoubleFunction<int[]> f) {
    var v = new Values(new double[count(shape)], shape);
    for (int i = 0; i < v.data.length; i++) {
      v.data[i] = f.applyAsDouble(v.index(i));
    }
    return v;
  }

  static int count(int[] shape) {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  static int[] broadcast(int[] a, int[] b) {
    int[] out = new int[Math.max(a.length, b.length)];
    for (int i = 1; i <= out.length; i++) {
      int x = i <= a.length ? a[a.length - i] : 1;
      int y = i <= b.length ? b[b.length - i] : 1;
      out[out.length - i] = x == 1 ? y : x;
    }
    return out;
  }

  int rank() {
    return shape.length;
  }

  /** A size, counted from the end when negative. */
  int size(int axis) {
    return shape[axis < 0 ? axis + shape.length : axis];
  }

  int[] index(int flat) {
    int[] index = new int[shape.length];
    int rest = flat;
    for (int a = shape.length - 1; a >= 0; a--) {
      index[a] = rest % shape[a];
      rest /= shape[a];
    }
    return index;
  }

  double at(int... index) {
    int p = 0;
    for (int a = 0; a < shape.length; a++) {
      p = p * shape[a] + index[a];
    }
    return data[p];
  }

  /** The element that NumPy's broadcasting puts at an index of a larger shape. */
  double cast(int... index) {
    int[] own = new int[shape.length];
    for (int a = 0; a < own.length; a++) {
      own[a] = shape[a] == 1 ? 0 : index[index.length - own.length + a];
    }
    return at(own);
  }

  /** Replaces every row of the last dimension. */
  Values rows(java.util.function.UnaryOperator<double[]> f) {
    double[] out = new double[data.length];
    int cols = size(-1);
    for (int r = 0; cols > 0 && r < data.length / cols; r++) {
      double[] row = f.apply(Arrays.copyOfRange(data, r * cols, (r + 1) * cols));
      System.arraycopy(row, 0, out, r * cols, cols);
    }
    return new Values(out, shape);
  }
}
