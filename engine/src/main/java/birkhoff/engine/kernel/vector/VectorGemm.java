package birkhoff.engine.kernel.vector;

import birkhoff.engine.kernel.Epilogue;
import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * Matrix products in float32 with the Vector API, after Goto and van de Geijn, Anatomy of
 * High-Performance Matrix Multiplication (2008): packed operands, register tiles, blocks for the
 * caches. The sum over k is split at fixed places and added in order, so the bits depend on neither
 * the thread count nor the schedule; they do depend on the vector width. With {@code α = 0} the
 * operands are not read, as in BLAS. Thread-safe.
 */
public final class VectorGemm implements Gemm {
  // Below this many multiply-adds two rounds of the team cost more than they bring.
  private static final long SMALL = 1L << 20;

  /** Stateless. */
  public VectorGemm() {}

  @Override
  public void gemm(
      ThreadTeam team,
      GemmShape shape,
      double alpha,
      MemorySegment a,
      MemorySegment b,
      double beta,
      MemorySegment c) {
    gemm(team, shape, alpha, a, b, beta, c, null);
  }

  @Override
  public void gemm(
      ThreadTeam team,
      GemmShape shape,
      double alpha,
      MemorySegment a,
      MemorySegment b,
      double beta,
      MemorySegment c,
      Epilogue epilogue) {
    shape.check(a, b, DType.FLOAT32, c, DType.FLOAT32);
    if (shape.batch() == 0 || shape.m() == 0 || shape.n() == 0) {
      return;
    }
    if (shape.k() == 0 || alpha == 0) {
      scale(team, shape, (float) beta, c);
      if (epilogue != null) {
        epilogue.applyAll(team, shape);
      }
      return;
    }
    GemmShape s = merged(shape);
    if (FewRows.serves(s)) {
      FewRows.multiply(team, s, (float) alpha, a, b, (float) beta, c);
      if (epilogue != null) {
        epilogue.applyAll(team, shape);
      }
      return;
    }
    var product = new GemmProduct(team, s, (float) alpha, a, b, (float) beta, c, epilogue);
    if ((long) s.m() * s.n() * s.k() <= SMALL || s.batch() >= 8 && product.fitsWorker()) {
      team.run(s.batch(), (i, worker) -> product.alone(team, worker, i));
      return;
    }
    try (var hold = team.hold()) {
      product.together(team, hold);
    }
  }

  // A batch that shares B and lies in one piece is one tall product.
  private static GemmShape merged(GemmShape s) {
    boolean onePiece =
        s.batch() > 1
            && !s.transA()
            && s.strideB() == 0
            && s.strideA() == s.m() * s.lda()
            && s.strideC() == s.m() * s.ldc()
            && (long) s.batch() * s.m() <= Integer.MAX_VALUE;
    if (!onePiece) {
      return s;
    }
    int m = s.batch() * s.m();
    return new GemmShape(
        s.transA(), s.transB(), 1, m, s.n(), s.k(), s.lda(), 0, s.ldb(), 0, s.ldc(), 0);
  }

  private static void scale(ThreadTeam team, GemmShape s, float beta, MemorySegment c) {
    if (beta == 1) {
      return;
    }
    team.run(
        Partition.rows((long) s.batch() * s.m(), s.n()),
        (lo, hi, worker) -> {
          for (long r = lo; r < hi; r++) {
            long first = r / s.m() * s.strideC() + r % s.m() * s.ldc();
            GemmUpdate.scale(c, first * Float.BYTES, s.n(), beta);
          }
        });
  }
}
