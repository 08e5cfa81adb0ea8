package birkhoff.ffi.openblas;

import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.tensor.DType;
import birkhoff.ffi.openblas.gen.cblas_h;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Operands of one checked product, and the library calls that compute pieces of it. The only caller
 * of the generated bindings; sizes, memory and 32-bit ranges were checked before.
 */
record OpenBlasCalls(
    DType dtype,
    GemmShape shape,
    double alpha,
    MemorySegment a,
    MemorySegment b,
    double beta,
    MemorySegment c) {
  private static final int ROW_MAJOR = cblas_h.CblasRowMajor();
  private static final int TRANS = cblas_h.CblasTrans();
  private static final int NO_TRANS = cblas_h.CblasNoTrans();

  /** Sets the number of threads of every call of the process. */
  static void threads(int threads) {
    cblas_h.openblas_set_num_threads(threads);
  }

  /**
   * A piece of the batch: rows {@code [i0, i1)}, columns {@code [j0, j1)} and terms {@code [k0,
   * k1)} of one product.
   */
  record Piece(long product, int i0, int i1, int j0, int j1, int k0, int k1) {
    int rows() {
      return i1 - i0;
    }

    int cols() {
      return j1 - j0;
    }

    int terms() {
      return k1 - k0;
    }
  }

  /** One call of the library, with everything worked out; may be run again and again. */
  record Call(
      DType dtype,
      Routine routine,
      int transA,
      int transB,
      int m,
      int n,
      int k,
      double alpha,
      MemorySegment a,
      int lda,
      MemorySegment b,
      int ldb,
      double beta,
      MemorySegment c,
      int ldc)
      implements Runnable {
    @Override
    public void run() {
      switch (routine) {
        case MATRIX -> matrix();
        case VECTOR -> vector();
        case SUM -> cblas_h.cblas_saxpy(n, 1, a, 1, c, 1);
      }
    }

    private void matrix() {
      if (dtype == DType.FLOAT32) {
        float al = (float) alpha;
        float be = (float) beta;
        cblas_h.cblas_sgemm(ROW_MAJOR, transA, transB, m, n, k, al, a, lda, b, ldb, be, c, ldc);
      } else {
        cblas_h.cblas_dgemm(
            ROW_MAJOR, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
      }
    }

    /** A matrix a of m rows and n columns times a vector b. */
    private void vector() {
      if (dtype == DType.FLOAT32) {
        float al = (float) alpha;
        float be = (float) beta;
        cblas_h.cblas_sgemv(ROW_MAJOR, transA, m, n, al, a, lda, b, ldb, be, c, ldc);
      } else {
        cblas_h.cblas_dgemv(ROW_MAJOR, transA, m, n, alpha, a, lda, b, ldb, beta, c, ldc);
      }
    }
  }

  private enum Routine {
    MATRIX,
    VECTOR,
    SUM
  }

  /** Writes the piece's part of the result to its place in C, taking β·C along. */
  Call intoResult(Piece p) {
    return product(p, beta, result(p, 0), Math.toIntExact(shape.ldc()));
  }

  /** Writes α·A·B of the piece to packed rows. */
  Call intoRows(Piece p, MemorySegment rows) {
    return product(p, 0, rows, p.cols());
  }

  /** Adds rows {@code [lo, hi)} of packed float32 rows to their place in C. */
  void addRows(Piece p, MemorySegment rows, int lo, int hi, List<Call> to) {
    if (shape.ldc() == p.cols()) {
      int n = Math.multiplyExact(hi - lo, p.cols());
      to.add(sum(n, at(rows, (long) lo * p.cols()), result(p, lo)));
      return;
    }
    for (int i = lo; i < hi; i++) {
      to.add(sum(p.cols(), at(rows, (long) i * p.cols()), result(p, i)));
    }
  }

  private Call sum(int n, MemorySegment from, MemorySegment to) {
    return new Call(dtype, Routine.SUM, NO_TRANS, NO_TRANS, 1, n, 1, 1, from, n, from, n, 1, to, n);
  }

  private MemorySegment result(Piece p, int row) {
    return at(c, p.product() * shape.strideC() + (p.i0() + row) * shape.ldc() + p.j0());
  }

  private MemorySegment at(MemorySegment s, long element) {
    return s.asSlice(element * dtype.bytes());
  }

  private Call product(Piece p, double factor, MemorySegment out, int ldOut) {
    int lda = Math.toIntExact(shape.lda());
    int ldb = Math.toIntExact(shape.ldb());
    boolean ta = shape.transA();
    boolean tb = shape.transB();
    long rowA = ta ? p.k0() : p.i0();
    long colA = ta ? p.i0() : p.k0();
    long rowB = tb ? p.j0() : p.k0();
    long colB = tb ? p.k0() : p.j0();
    MemorySegment pa = at(a, p.product() * shape.strideA() + rowA * lda + colA);
    MemorySegment pb = at(b, p.product() * shape.strideB() + rowB * ldb + colB);
    if (shape.m() == 1) {
      // A row times B; the general product would pack all of B for it.
      int rows = tb ? p.cols() : p.terms();
      int cols = tb ? p.terms() : p.cols();
      return vector(tb ? NO_TRANS : TRANS, rows, cols, pb, ldb, pa, ta ? lda : 1, factor, out, 1);
    }
    if (shape.n() == 1) {
      int rows = ta ? p.terms() : p.rows();
      int cols = ta ? p.rows() : p.terms();
      return vector(
          ta ? TRANS : NO_TRANS, rows, cols, pa, lda, pb, tb ? 1 : ldb, factor, out, ldOut);
    }
    return new Call(
        dtype,
        Routine.MATRIX,
        ta ? TRANS : NO_TRANS,
        tb ? TRANS : NO_TRANS,
        p.rows(),
        p.cols(),
        p.terms(),
        alpha,
        pa,
        lda,
        pb,
        ldb,
        factor,
        out,
        ldOut);
  }

  private Call vector(
      int trans,
      int rows,
      int cols,
      MemorySegment matrix,
      int ld,
      MemorySegment x,
      int stepX,
      double factor,
      MemorySegment y,
      int stepY) {
    return new Call(
        dtype,
        Routine.VECTOR,
        trans,
        NO_TRANS,
        rows,
        cols,
        1,
        alpha,
        matrix,
        ld,
        x,
        stepX,
        factor,
        y,
        stepY);
  }
}
