package birkhoff.engine.kernel;

import java.lang.foreign.MemorySegment;

/** Dropout with a counter-based generator: the mask is a function of (key, element index). */
public interface RandomMask {
  /**
   * {@code y[i] = (accumulate ? y[i] : 0) + (kept(key, i) ? x[i]/(1-p) : 0)} on {@code [lo, hi)}.
   * The same call on the gradient is its vjp.
   */
  void dropout(
      MemorySegment x, MemorySegment y, double p, long key, boolean accumulate, long lo, long hi);
}
