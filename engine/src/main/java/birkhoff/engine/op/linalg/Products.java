package birkhoff.engine.op.linalg;

import birkhoff.engine.kernel.Epilogue;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.Moves;
import birkhoff.engine.tensor.Layout;
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
    Batches batches = Batches.of(a, b, c);
    if (c.count() == 0 || batches.count() == 0 || a.size(-1) == 0) {
      if (!accumulate) {
        x.fill(c, 0);
      }
      return;
    }
    Tensor ra = readable(x, a);
    Tensor rb = readable(x, b);
    // Copies have strides of their own.
    Batches readable = Batches.of(ra, rb, c);
    if (readable.foldable()) {
      call(x, ra, rb, c, readable, 0, 0, 0, accumulate ? 1 : 0, null);
    } else {
      each(x, ra, rb, c, readable, accumulate);
    }
    free(a, ra);
    free(b, rb);
  }

  /**
   * {@code c = a·b} of matrices, and what {@code epilogue} does to c, which is contiguous.
   *
   * @param epilogue null for nothing
   */
  static void multiply(Execution x, Tensor a, Tensor b, Tensor c, Epilogue epilogue) {
    if (epilogue == null || c.count() == 0 || a.size(-1) == 0) {
      multiply(x, a, b, c, false);
      if (epilogue != null && c.count() > 0) {
        int rows = Check.intSize("matmul", c.size(0));
        int columns = Check.intSize("matmul", c.size(1));
        epilogue.applyAll(x.team(), GemmShape.of(false, false, rows, columns, 0));
      }
      return;
    }
    Tensor ra = readable(x, a);
    Tensor rb = readable(x, b);
    call(x, ra, rb, c, Batches.NONE, 0, 0, 0, 0, epilogue);
    free(a, ra);
    free(b, rb);
  }

  /** One product at a time; a part of {@code c} that several of them reach adds them up. */
  private static void each(
      Execution x, Tensor a, Tensor b, Tensor c, Batches batches, boolean accumulate) {
    long matrix = c.size(-2) * c.size(-1);
    boolean[] written = new boolean[Math.toIntExact(c.count() / matrix)];
    Batches single = Batches.NONE;
    for (long i = 0; i < batches.count(); i++) {
      long pc = batches.position(batches.c(), i);
      int slot = Math.toIntExact(pc / matrix);
      call(
          x,
          a,
          b,
          c,
          single,
          batches.position(batches.a(), i),
          batches.position(batches.b(), i),
          pc,
          accumulate || written[slot] ? 1 : 0,
          null);
      written[slot] = true;
    }
  }

  private static void call(
      Execution x,
      Tensor a,
      Tensor b,
      Tensor c,
      Batches batches,
      long pa,
      long pb,
      long pc,
      double beta,
      Epilogue epilogue) {
    int m = Check.intSize("matmul", c.size(-2));
    int n = Check.intSize("matmul", c.size(-1));
    int k = Check.intSize("matmul", a.size(-1));
    boolean ta = transposed(a);
    boolean tb = transposed(b);
    var shape =
        new GemmShape(
            ta,
            tb,
            Check.intSize("matmul", batches.count()),
            m,
            n,
            k,
            leading(a, ta),
            batches.step(batches.a()),
            leading(b, tb),
            batches.step(batches.b()),
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
            c.data().asSlice(pc * bytes),
            epilogue);
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
