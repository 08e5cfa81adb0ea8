package birkhoff.engine.kernel.vector;

import java.lang.foreign.MemorySegment;

/** The loops of one function of one number on contiguous blocks. */
interface UnaryKernel {
  /** {@code y = f(x)} on {@code [lo, hi)}. */
  void map(MemorySegment x, MemorySegment y, long lo, long hi);

  /** {@code gx = gy·f'(saved)} on {@code [lo, hi)}, added to {@code gx} when {@code accumulate}. */
  void vjp(
      MemorySegment saved,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long lo,
      long hi);
}
