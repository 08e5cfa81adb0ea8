package birkhoff.engine.profile.simd;

import birkhoff.engine.kernel.Role;

/**
 * What was found about one kernel.
 *
 * @param name method and variant
 * @param bytesPerCall heap bytes in the steady state
 * @param vectorNanos of the vector kernel, the best of a few rounds
 * @param scalarNanos of the scalar kernel on the same operands
 */
public record SimdRow(
    Role role, String name, long bytesPerCall, double vectorNanos, double scalarNanos) {
  // Moves and sums are vectorized by C2 in the scalar kernel too; there both take the same time.
  private static final double SLOWER = 2;

  /** Whether vectors are boxed: heap objects instead of registers. */
  public boolean boxes() {
    return bytesPerCall > KernelCases.allowedBytes(role);
  }

  /** Whether the vector kernel takes more than twice the time of the scalar one. */
  public boolean slow() {
    return vectorNanos > SLOWER * scalarNanos;
  }

  /** How many times the vector kernel is faster. */
  public double speedup() {
    return scalarNanos / vectorNanos;
  }
}
