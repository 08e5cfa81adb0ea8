package birkhoff.engine.kernel.vector;

import java.lang.foreign.MemorySegment;

/** The loop of one function of one number on contiguous blocks. */
@FunctionalInterface
interface UnaryMap {
  /** {@code y = f(x)} on {@code [lo, hi)}. */
  void map(MemorySegment x, MemorySegment y, long lo, long hi);
}
