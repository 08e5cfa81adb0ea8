package birkhoff.engine.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Sums in a fixed order: a kernel adds one block in an order that depends on its length only;
 * callers add blocks in index order.
 */
public interface Reduction {
  /** Σ x[i] over {@code [lo, hi)}. */
  double sum(MemorySegment x, long lo, long hi);

  /** Σ x[i]². */
  double sumSquares(MemorySegment x, long lo, long hi);

  /** Σ x[i]·y[i]. */
  double dot(MemorySegment x, MemorySegment y, long lo, long hi);

  /** The largest element, NaN if any is NaN, -∞ of nothing. */
  double max(MemorySegment x, long lo, long hi);

  /** {@code out[r] = Σ_c x[r·cols + c]} for rows {@code [lo, hi)}. */
  void rowSums(MemorySegment x, long cols, MemorySegment out, long lo, long hi);

  /** {@code out[r]} = the largest of row {@code r}, for rows {@code [lo, hi)}. */
  void rowMax(MemorySegment x, long cols, MemorySegment out, long lo, long hi);

  /**
   * {@code out[outOff + c] = Σ_r x[r·cols + c]} over rows {@code [lo, hi)}, added in row order to
   * what is there when {@code accumulate}.
   */
  void columnSums(
      MemorySegment x,
      long cols,
      MemorySegment out,
      long outOff,
      boolean accumulate,
      long lo,
      long hi);
}
