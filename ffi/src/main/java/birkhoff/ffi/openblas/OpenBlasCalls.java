package birkhoff.ffi.openblas;

import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.tensor.DType;
import birkhoff.ffi.openblas.gen.cblas_h;
import java.lang.foreign.MemorySegment;

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

  /** Writes the piece's part of the result to its place in C, taking β·C along. */
  void intoResult(Piece p) {
    product(p, beta, result(p, 0), Math.toIntExact(shape.ldc()));
  }

  /** Writes α·A·B of the piece to packed rows. */
  void intoRows(Piece p, MemorySegment rows) {
    product(p, 0, rows, p.cols());
  }

  /** Adds rows {@code [lo, hi)} of packed float32 rows to their place in C. */
  void addRows(Piece p, MemorySegment rows, int lo, int hi) {
    if (shape.ldc() == p.cols()) {
      int n = Math.multiplyExact(hi - lo, p.cols());
      cblas_h.cblas_saxpy(n, 1, at(rows, (long) lo * p.cols()), 1, result(p, lo), 1);
      return;
    }
    for (int i = lo; i < hi; i++) {
      cblas_h.cblas_saxpy(p.cols(), 1, at(rows, (long) i * p.cols()), 1, result(p, i), 1);
    }
  }

  private MemorySegment result(Piece p, int row) {
    return at(c, p.product() * shape.strideC() + (p.i0() + row) * shape.ldc() + p.j0());
  }

  private MemorySegment at(MemorySegment s, long element) {
    return s.asSlice(element * dtype.bytes());
  }

  private void product(Piece p, double factor, MemorySegment out, int ldOut) {
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
      vector(tb ? NO_TRANS : TRANS, rows, cols, pb, ldb, pa, ta ? lda : 1, factor, out, 1);
    } else if (shape.n() == 1) {
      int rows = ta ? p.terms() : p.rows();
      int cols = ta ? p.rows() : p.terms();
      vector(ta ? TRANS : NO_TRANS, rows, cols, pa, lda, pb, tb ? 1 : ldb, factor, out, ldOut);
    } else {
      matrix(ta ? TRANS : NO_TRANS, tb ? TRANS : NO_TRANS, p, pa, lda, pb, ldb, factor, out, ldOut);
    }
  }

  private void matrix(
      int transA,
      int transB,
      Piece p,
      MemorySegment pa,
      int lda,
      MemorySegment pb,
      int ldb,
      double factor,
      MemorySegment out,
      int ldOut) {
    int m = p.rows();
    int n = p.cols();
    int k = p.terms();
    if (dtype == DType.FLOAT32) {
      float al = (float) alpha;
      float be = (float) factor;
      cblas_h.cblas_sgemm(ROW_MAJOR, transA, transB, m, n, k, al, pa, lda, pb, ldb, be, out, ldOut);
    } else {
      cblas_h.cblas_dgemm(
          ROW_MAJOR, transA, transB, m, n, k, alpha, pa, lda, pb, ldb, factor, out, ldOut);
    }
  }

  private void vector(
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
    if (dtype == DType.FLOAT32) {
      float al = (float) alpha;
      float be = (float) factor;
      cblas_h.cblas_sgemv(ROW_MAJOR, trans, rows, cols, al, matrix, ld, x, stepX, be, y, stepY);
    } else {
      cblas_h.cblas_dgemv(
          ROW_MAJOR, trans, rows, cols, alpha, matrix, ld, x, stepX, factor, y, stepY);
    }
  }
}
