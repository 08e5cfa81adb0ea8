package birkhoff.ffi.openblas;

import birkhoff.engine.error.BirkhoffException;
import birkhoff.engine.error.DTypeException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import birkhoff.ffi.openblas.gen.cblas_h;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@link Gemm} through {@code cblas_sgemm} and {@code cblas_dgemm}, one call of one thread for each
 * fixed tile of the result. Operands are checked before the library sees them, which checks
 * nothing. With {@code α = 0} the operands are not read, as in BLAS. Thread-safe.
 */
final class OpenBlasGemm implements Gemm {
  private static final int ROW_MAJOR = cblas_h.CblasRowMajor();
  private static final int TRANS = cblas_h.CblasTrans();
  private static final int NO_TRANS = cblas_h.CblasNoTrans();

  private final DType dtype;

  /** Only made once a library is loaded. */
  OpenBlasGemm(DType dtype) {
    if (!dtype.isFloating()) {
      throw new DTypeException("gemm: OpenBLAS has no product of " + dtype);
    }
    this.dtype = dtype;
  }

  @Override
  public void gemm(
      ThreadTeam team,
      GemmShape shape,
      double alpha,
      MemorySegment a,
      MemorySegment b,
      double beta,
      MemorySegment c) {
    check(shape, a, b, c);
    if (shape.batch() == 0 || shape.m() == 0 || shape.n() == 0) {
      return;
    }
    if (shape.k() == 0 || alpha == 0) {
      scale(team, shape, beta, c);
      return;
    }
    GemmTiles tiles = GemmTiles.of(shape);
    team.run(
        tiles.blocks(),
        (block, worker) -> {
          long end = Math.min(tiles.total(), (block + 1L) * tiles.perBlock());
          for (long tile = (long) block * tiles.perBlock(); tile < end; tile++) {
            int across = (int) (tile % tiles.across());
            long rest = tile / tiles.across();
            int i = (int) (rest % tiles.down()) * tiles.rows();
            int j = across * tiles.cols();
            tile(
                shape,
                rest / tiles.down(),
                i,
                Math.min(shape.m(), i + tiles.rows()),
                j,
                Math.min(shape.n(), j + tiles.cols()),
                alpha,
                a,
                b,
                beta,
                c);
          }
        });
  }

  /** One call: rows {@code [i0, i1)} and columns {@code [j0, j1)} of a product of the batch. */
  void tile(
      GemmShape s,
      long product,
      int i0,
      int i1,
      int j0,
      int j1,
      double alpha,
      MemorySegment a,
      MemorySegment b,
      double beta,
      MemorySegment c) {
    MemorySegment pa = at(a, product * s.strideA() + (s.transA() ? i0 : i0 * s.lda()));
    MemorySegment pb = at(b, product * s.strideB() + (s.transB() ? j0 * s.ldb() : j0));
    MemorySegment pc = at(c, product * s.strideC() + i0 * s.ldc() + j0);
    int transA = s.transA() ? TRANS : NO_TRANS;
    int transB = s.transB() ? TRANS : NO_TRANS;
    int m = i1 - i0;
    int n = j1 - j0;
    int lda = (int) s.lda();
    int ldb = (int) s.ldb();
    int ldc = (int) s.ldc();
    if (dtype == DType.FLOAT32) {
      cblas_h.cblas_sgemm(
          ROW_MAJOR,
          transA,
          transB,
          m,
          n,
          s.k(),
          (float) alpha,
          pa,
          lda,
          pb,
          ldb,
          (float) beta,
          pc,
          ldc);
    } else {
      cblas_h.cblas_dgemm(
          ROW_MAJOR, transA, transB, m, n, s.k(), alpha, pa, lda, pb, ldb, beta, pc, ldc);
    }
  }

  private MemorySegment at(MemorySegment s, long element) {
    return s.asSlice(element * dtype.bytes());
  }

  private void check(GemmShape shape, MemorySegment a, MemorySegment b, MemorySegment c) {
    shape.check(elements("A", a), elements("B", b), elements("C", c));
    long longest = Math.max(shape.lda(), Math.max(shape.ldb(), shape.ldc()));
    if (longest > Integer.MAX_VALUE) {
      throw new ShapeException(
          "gemm: OpenBLAS counts in 32 bits; a row distance of "
              + longest
              + " is too long, use kernels=vector");
    }
    if (c.isReadOnly()) {
      throw new BirkhoffException("gemm: operand C is read-only memory");
    }
  }

  private long elements(String operand, MemorySegment s) {
    if (!s.isNative()) {
      throw new BirkhoffException(
          "gemm: operand " + operand + " lies on the heap; OpenBLAS needs native memory");
    }
    return s.byteSize() / dtype.bytes();
  }

  // C = β·C, without reading C when β = 0.
  private void scale(ThreadTeam team, GemmShape s, double beta, MemorySegment c) {
    if (beta == 1) {
      return;
    }
    long bytes = (long) s.n() * dtype.bytes();
    team.run(
        Partition.rows((long) s.batch() * s.m(), s.n()),
        (lo, hi, worker) -> {
          for (long r = lo; r < hi; r++) {
            long first = r / s.m() * s.strideC() + r % s.m() * s.ldc();
            MemorySegment row = c.asSlice(first * dtype.bytes(), bytes);
            if (beta == 0) {
              row.fill((byte) 0);
            } else {
              scaleRow(row, s.n(), beta);
            }
          }
        });
  }

  private void scaleRow(MemorySegment row, int n, double beta) {
    for (int j = 0; j < n; j++) {
      if (dtype == DType.FLOAT32) {
        float old = row.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, j);
        row.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, j, (float) beta * old);
      } else {
        double old = row.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, j);
        row.setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, j, beta * old);
      }
    }
  }
}
