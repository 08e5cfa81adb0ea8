package birkhoff.engine.kernel.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.MixedGemm;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/** The three loops, summed in double, rounded once. */
public final class ScalarMixedGemm implements MixedGemm {
  public ScalarMixedGemm() {}

  @Override
  public void gemm(
      ThreadTeam team,
      GemmShape s,
      MemorySegment a,
      MemorySegment b,
      MemorySegment bias,
      boolean accumulate,
      DType result,
      MemorySegment c) {
    if (result != DType.FLOAT32 && result != DType.BFLOAT16) {
      throw new DTypeException("mixed gemm: the result is float32 or bfloat16, not " + result);
    }
    s.check(a, b, DType.BFLOAT16, c, result);
    team.run(
        new Partition((long) s.batch() * s.m(), 1),
        (lo, hi, worker) -> {
          for (long row = lo; row < hi; row++) {
            row(s, (int) (row / s.m()), (int) (row % s.m()), a, b, bias, accumulate, result, c);
          }
        });
  }

  private static void row(
      GemmShape s,
      int product,
      int i,
      MemorySegment a,
      MemorySegment b,
      MemorySegment bias,
      boolean accumulate,
      DType result,
      MemorySegment c) {
    for (int j = 0; j < s.n(); j++) {
      double sum = bias == null ? 0 : bias.getAtIndex(JAVA_FLOAT_UNALIGNED, j);
      for (int p = 0; p < s.k(); p++) {
        long at = product * s.strideA() + (s.transA() ? p * s.lda() + i : i * s.lda() + p);
        long bt = product * s.strideB() + (s.transB() ? j * s.ldb() + p : p * s.ldb() + j);
        sum += (double) get(a, at) * get(b, bt);
      }
      long ct = product * s.strideC() + i * s.ldc() + j;
      if (result == DType.FLOAT32) {
        double old = accumulate ? c.getAtIndex(JAVA_FLOAT_UNALIGNED, ct) : 0;
        c.setAtIndex(JAVA_FLOAT_UNALIGNED, ct, (float) (sum + old));
      } else {
        double old = accumulate ? get(c, ct) : 0;
        c.setAtIndex(JAVA_SHORT_UNALIGNED, ct, DType.toBfloat16((float) (sum + old)));
      }
    }
  }

  private static float get(MemorySegment s, long i) {
    return DType.fromBfloat16(s.getAtIndex(JAVA_SHORT_UNALIGNED, i));
  }
}
