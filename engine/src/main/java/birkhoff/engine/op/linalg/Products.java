package birkhoff.engine.op.linalg;

import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.Moves;
import birkhoff.engine.tensor.Layout;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;

/** Batched products of strided tensors in terms of {@link birkhoff.engine.kernel.Gemm}. */
public final class Products {
  private Products() {}

  /**
   * {@code c (+)= a·b} over the last two dimensions. {@code c} is contiguous {@code [batch…, m,
   * n]}; the batch dimensions of {@code a} and {@code b} broadcast to its own. Where {@code c} has
   * size 1 and the operands do not, products are added up (a broadcast operand's gradient).
   */
  public static void multiply(Execution x, Tensor a, Tensor b, Tensor c, boolean accumulate) {
    Tensor ra = readable(x, a);
    Tensor rb = readable(x, b);
    Shape ba = batch(ra.shape());
    Shape bb = batch(rb.shape());
    Shape all = Shape.broadcast("matmul", Shape.broadcast("matmul", ba, bb), batch(c.shape()));
    long[] sa = batchStrides(ra, all);
    long[] sb = batchStrides(rb, all);
    long[] sc = batchStrides(c, all);
    boolean sums = false;
    for (int i = 0; i < sc.length; i++) {
      sums |= sc[i] == 0 && all.size(i) > 1;
    }
    if (!sums && foldable(all, sa) && foldable(all, sb) && foldable(all, sc)) {
      int last = all.rank() - 1;
      call(
          x,
          ra,
          rb,
          c,
          all.count(),
          last < 0 ? 0 : sa[last],
          last < 0 ? 0 : sb[last],
          0,
          0,
          0,
          accumulate ? 1 : 0);
    } else {
      each(x, ra, rb, c, all, sa, sb, sc, accumulate);
    }
    free(a, ra);
    free(b, rb);
  }

  private static void each(
      Execution x,
      Tensor a,
      Tensor b,
      Tensor c,
      Shape all,
      long[] sa,
      long[] sb,
      long[] sc,
      boolean accumulate) {
    boolean[] written = new boolean[Math.toIntExact(batch(c.shape()).count())];
    long matrix = Math.max(1, c.size(-2) * c.size(-1));
    for (long i = 0; i < all.count(); i++) {
      long rest = i;
      long pa = 0;
      long pb = 0;
      long pc = 0;
      for (int d = all.rank() - 1; d >= 0; d--) {
        long index = rest % all.size(d);
        rest /= all.size(d);
        pa += index * sa[d];
        pb += index * sb[d];
        pc += index * sc[d];
      }
      int slot = Math.toIntExact(pc / matrix);
      call(x, a, b, c, 1, 0, 0, pa, pb, pc, accumulate || written[slot] ? 1 : 0);
      written[slot] = true;
    }
  }

  private static void call(
      Execution x,
      Tensor a,
      Tensor b,
      Tensor c,
      long batch,
      long strideA,
      long strideB,
      long pa,
      long pb,
      long pc,
      double beta) {
    int m = Check.intSize("matmul", c.size(-2));
    int n = Check.intSize("matmul", c.size(-1));
    int k = Check.intSize("matmul", a.size(-1));
    boolean ta = transposed(a);
    boolean tb = transposed(b);
    var shape =
        new GemmShape(
            ta,
            tb,
            Check.intSize("matmul", batch),
            m,
            n,
            k,
            leading(a, ta),
            strideA,
            leading(b, tb),
            strideB,
            Math.max(1, n),
            (long) m * n);
    int bytes = c.dtype().bytes();
    x.kernels()
        .gemm(c.dtype())
        .gemm(
            x.team(),
            shape,
            1,
            a.data().asSlice(pa * bytes),
            b.data().asSlice(pb * bytes),
            beta,
            c.data().asSlice(pc * bytes));
  }

  private static Shape batch(Shape s) {
    return s.without(-1).without(-1);
  }

  private static long[] batchStrides(Tensor t, Shape all) {
    Shape own = batch(t.shape());
    long[] strides = new long[all.rank()];
    int shift = all.rank() - own.rank();
    for (int i = 0; i < own.rank(); i++) {
      strides[i + shift] = own.size(i) == 1 ? 0 : t.layout().stride(i);
    }
    return strides;
  }

  /** Whether one stride walks all batches in order. */
  private static boolean foldable(Shape all, long[] strides) {
    int last = all.rank() - 1;
    for (int i = last - 1; i >= 0; i--) {
      if (all.size(i) > 1 && strides[i] != strides[i + 1] * all.size(i + 1)) {
        return false;
      }
    }
    return true;
  }

  private static boolean transposed(Tensor t) {
    Layout l = t.layout();
    return !rowMajor(l, t) && l.stride(-2) == 1;
  }

  private static boolean rowMajor(Layout l, Tensor t) {
    return (t.size(-1) <= 1 || l.stride(-1) == 1)
        && (t.size(-2) <= 1 || l.stride(-2) >= t.size(-1));
  }

  private static long leading(Tensor t, boolean transposed) {
    int axis = transposed ? -1 : -2;
    long row = Math.max(1, t.size(transposed ? -2 : -1));
    return t.size(axis) <= 1 ? row : Math.max(row, t.layout().stride(axis));
  }

  /** The tensor itself if GEMM can read it in place, else a contiguous copy. */
  private static Tensor readable(Execution x, Tensor t) {
    Layout l = t.layout();
    boolean columnMajor =
        (t.size(-2) <= 1 || l.stride(-2) == 1)
            && (t.size(-1) <= 1 || l.stride(-1) >= t.size(-2))
            && l.stride(-2) == 1;
    if (rowMajor(l, t) || columnMajor) {
      return t;
    }
    Tensor copy = x.allocate(t.spec());
    Moves.copy(x, t, copy);
    return copy;
  }

  private static void free(Tensor given, Tensor used) {
    if (given != used) {
      Execution.release(used);
    }
  }
}
