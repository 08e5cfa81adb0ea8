package birkhoff.engine.kernel;

import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Matrix products of bfloat16 operands, summed in float32. Schedules its own blocks. */
public interface MixedGemm {
  /**
   * {@code C = op(A)·op(B) + bias + (accumulate ? C : 0)} for every product of the batch, {@code A}
   * and {@code B} bfloat16. Without {@code accumulate} the old contents of {@code C} are not read.
   * {@code C} must not overlap the operands. The bits do not depend on {@code team.size()}.
   *
   * @param bias float32 {@code [n]}, added to every row; null for none
   * @param result FLOAT32 or BFLOAT16, the type of {@code C}; bfloat16 is rounded once, at the end
   */
  void gemm(
      ThreadTeam team,
      GemmShape shape,
      MemorySegment a,
      MemorySegment b,
      MemorySegment bias,
      boolean accumulate,
      DType result,
      MemorySegment c);
}
