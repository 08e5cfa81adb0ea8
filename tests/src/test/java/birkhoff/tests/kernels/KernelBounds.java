package birkhoff.tests.kernels;

import birkhoff.engine.kernel.vector.Lanes;
import birkhoff.tests.support.Bound;

/** Error bounds of the vector kernels' sums. */
final class KernelBounds {
  static final double U = Bound.FLOAT_ROUNDOFF;

  /** Elements that the kernels add in float before they go on in double. */
  private static final int CHUNK = 4096;

  private KernelBounds() {}

  /**
   * Relative to Σ|x|, what a chunked sum of {@code n} float terms may be off (Higham, 4.2): the
   * longest chain of additions is one lane's share of a chunk, then the tree; two more roundings
   * are for the terms themselves.
   */
  static double sum(long n) {
    return Bound.gamma((int) (Math.min(n, CHUNK) / Lanes.LENGTH) + 12);
  }
}
