package birkhoff.perf.gemm.ladder;

import java.lang.foreign.MemorySegment;

/** One version of {@code C = A·B} for square row-major matrices. */
@FunctionalInterface
interface Rung {
  /** What every size is a multiple of: the rungs leave ragged edges out. */
  int MULTIPLE = 128;

  /** Writes all {@code n·n} elements of {@code c}, whatever they were. */
  void multiply(int n, MemorySegment a, MemorySegment b, MemorySegment c);
}
