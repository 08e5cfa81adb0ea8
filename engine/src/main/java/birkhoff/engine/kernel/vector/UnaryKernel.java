package birkhoff.engine.kernel.vector;

import java.lang.foreign.MemorySegment;

/** One function of one number and its gradient on contiguous blocks. */
interface UnaryKernel {
  /** {@code y = f(x)} on {@code [lo, hi)}. */
  void map(MemorySegment x, MemorySegment y, long lo, long hi);

  /** {@code gx = gy·f'(saved)}, added to {@code gx} when {@code accumulate}. */
  void vjp(
      MemorySegment saved,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long lo,
      long hi);
}
