package birkhoff.engine.profile.simd;

import birkhoff.engine.kernel.Role;

/**
 * A kernel method ready to be called, on one thread.
 *
 * @param method name in the role's interface
 * @param variant what is special about this call, or empty
 * @param call runs it once on operands of its own
 */
public record KernelCase(Role role, String method, String variant, Runnable call) {
  /** {@code layerNormVjp accumulate}. */
  public String name() {
    return variant.isEmpty() ? method : method + " " + variant;
  }
}
