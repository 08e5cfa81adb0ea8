package birkhoff.engine.kernel;

import java.lang.foreign.MemorySegment;

/** Parameter updates on elements {@code [lo, hi)}. */
public interface OptimizerStep {
  /**
   * AdamW (Loshchilov and Hutter 1711.05101, algorithm 2, PyTorch's form) with the gradient scaled
   * first: {@code g = gradScale·grad; p *= 1 - lr·wd; m = β1·m + (1-β1)·g; v = β2·v + (1-β2)·g²; p
   * -= lr/(1-β1^t) · m / (√v/√(1-β2^t) + eps)}.
   */
  void adamW(
      MemorySegment param,
      MemorySegment grad,
      MemorySegment m,
      MemorySegment v,
      AdamWCoefficients coefficients,
      long lo,
      long hi);

  /**
   * {@code target = a·target + b·source}: momentum, descent and scaling. Both may be the same
   * memory.
   */
  void blend(MemorySegment target, double a, MemorySegment source, double b, long lo, long hi);

  /** The numbers of one step, worked out once in double. */
  record AdamWCoefficients(
      double gradScale,
      double decay,
      double beta1,
      double beta2,
      double eps,
      double stepSize,
      double rsqrtBias2) {

    /** For learning rate {@code lr} at step {@code t ≥ 1}. */
    public static AdamWCoefficients of(
        double gradScale,
        double lr,
        double weightDecay,
        double beta1,
        double beta2,
        double eps,
        long t) {
      return new AdamWCoefficients(
          gradScale,
          1 - lr * weightDecay,
          beta1,
          beta2,
          eps,
          lr / (1 - Math.pow(beta1, (double) t)),
          1 / Math.sqrt(1 - Math.pow(beta2, (double) t)));
    }
  }
}
