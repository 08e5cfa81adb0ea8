package birkhoff.engine.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Row-wise normalizations of row-major {@code [rows, cols]} on rows {@code [lo, hi)}. Statistics
 * have one element per row. {@code gamma} and {@code beta} have {@code cols} elements; both may be
 * null (1 and 0). In the vjps, {@code gx} is added to when {@code accumulate}, and the parameter
 * gradients of the block are written to {@code partial[partialOff …]} (first {@code cols} numbers
 * for gamma, then, in layer norm, {@code cols} for beta); {@code partial} null skips them.
 */
public interface Normalization {
  /** y = (x - mean)·rstd·γ + β, rstd = 1/√(var + eps), biased variance (Ba et al. 1607.06450). */
  void layerNorm(
      MemorySegment x,
      MemorySegment gamma,
      MemorySegment beta,
      MemorySegment y,
      MemorySegment mean,
      MemorySegment rstd,
      int cols,
      double eps,
      long lo,
      long hi);

  /**
   * {@code sum = x + branch}, then layer norm of it: the residual add and the next norm at once.
   */
  void addLayerNorm(
      MemorySegment x,
      MemorySegment branch,
      MemorySegment sum,
      MemorySegment gamma,
      MemorySegment beta,
      MemorySegment y,
      MemorySegment mean,
      MemorySegment rstd,
      int cols,
      double eps,
      long lo,
      long hi);

  void layerNormVjp(
      MemorySegment x,
      MemorySegment gamma,
      MemorySegment mean,
      MemorySegment rstd,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      MemorySegment partial,
      long partialOff,
      int cols,
      long lo,
      long hi);

  /**
   * {@code rrms[r] = 1/√(mean(x²) + eps)} (Zhang and Sennrich 1910.07467); y = x·rrms·γ unless
   * null.
   */
  void rmsNorm(
      MemorySegment x,
      MemorySegment gamma,
      MemorySegment y,
      MemorySegment rrms,
      int cols,
      double eps,
      long lo,
      long hi);

  void rmsNormVjp(
      MemorySegment x,
      MemorySegment gamma,
      MemorySegment rrms,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      MemorySegment partial,
      long partialOff,
      int cols,
      long lo,
      long hi);

  /** Softmax of every row; y may be x. */
  void softmax(MemorySegment x, MemorySegment y, int cols, long lo, long hi);

  /** Logarithm of the softmax of every row; y may be x. */
  void logSoftmax(MemorySegment x, MemorySegment y, int cols, long lo, long hi);

  /** gx from the softmax's output y and its gradient gy. */
  void softmaxVjp(
      MemorySegment y,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      int cols,
      long lo,
      long hi);

  /** gx from the log-softmax's output y and its gradient gy. */
  void logSoftmaxVjp(
      MemorySegment y,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      int cols,
      long lo,
      long hi);
}
