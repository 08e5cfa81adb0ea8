package birkhoff.engine.kernel.vector;

import java.lang.foreign.MemorySegment;

/** The loop of one function's gradient on contiguous blocks. */
@FunctionalInterface
interface UnaryVjp {
  /** {@code gx = gy·f'(saved)} on {@code [lo, hi)}, added to {@code gx} when {@code accumulate}. */
  void vjp(
      MemorySegment saved,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long lo,
      long hi);
}
