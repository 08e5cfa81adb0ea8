package birkhoff.engine.tensor;

import java.util.Locale;

/** Prints a tensor's spec and its first elements. */
final class TensorPrinter {
  private static final int MOST = 8;

  private TensorPrinter() {}

  static String print(Tensor t) {
    String gone = t.lifetime().invalidReason();
    if (gone != null) {
      return t.spec() + " {unreadable: " + gone + "}";
    }
    var out = new StringBuilder(t.spec().toString()).append(" {");
    long shown = Math.min(MOST, t.count());
    long[] index = new long[t.shape().rank()];
    for (long i = 0; i < shown; i++) {
      double v = t.get(unravel(t.shape(), i, index));
      out.append(i == 0 ? "" : ", ").append(String.format(Locale.ROOT, "%.6g", v));
    }
    return out.append(t.count() > shown ? ", …}" : "}").toString();
  }

  private static long[] unravel(Shape shape, long i, long[] index) {
    long rest = i;
    for (int a = shape.rank() - 1; a >= 0; a--) {
      index[a] = rest % shape.size(a);
      rest /= shape.size(a);
    }
    return index;
  }
}
