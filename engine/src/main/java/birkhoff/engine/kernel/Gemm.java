package birkhoff.engine.kernel;

import birkhoff.engine.parallel.ThreadTeam;
import java.lang.foreign.MemorySegment;

/**
 * Matrix products. The only role that schedules its own blocks, because it shares packed panels.
 */
public interface Gemm {
  /**
   * {@code C = α·op(A)·op(B) + β·C} for every product of the batch. With {@code β = 0} the old
   * contents of {@code C} are not read (NaN there does not spread); with {@code k = 0} the result
   * is {@code β·C}. {@code C} must not overlap {@code A} or {@code B}. The bits do not depend on
   * {@code team.size()}.
   */
  void gemm(
      ThreadTeam team,
      GemmShape shape,
      double alpha,
      MemorySegment a,
      MemorySegment b,
      double beta,
      MemorySegment c);

  /**
   * The same, with {@code epilogue} for every element of the result; null for none. This way runs
   * after the product.
   */
  default void gemm(
      ThreadTeam team,
      GemmShape shape,
      double alpha,
      MemorySegment a,
      MemorySegment b,
      double beta,
      MemorySegment c,
      Epilogue epilogue) {
    gemm(team, shape, alpha, a, b, beta, c);
    if (epilogue != null) {
      epilogue.applyAll(team, shape);
    }
  }
}
