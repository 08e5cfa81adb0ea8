package birkhoff.engine.kernel;

import birkhoff.engine.tensor.DType;
import java.util.Optional;

/**
 * A source of kernels, found through {@link java.util.ServiceLoader}. It may serve some roles and
 * types only. Creating one must have no effect; libraries are loaded by {@link #probe}.
 */
public interface KernelProvider {
  /** Name that users select it by, such as {@code vector}. */
  String name();

  /** Higher wins when several serve a role: scalar 0, vector 10, OpenBLAS 20. */
  int priority();

  /**
   * Priority for one matrix product under {@code auto}: a pure function of the shape, or the bits
   * of a run would depend on the weather. {@link #preference} says the rule in words.
   */
  default int priority(GemmShape shape, DType dtype) {
    return priority();
  }

  /**
   * Which products {@link #priority(GemmShape, DType)} lifts above the ordinary; empty for none.
   */
  default String preference() {
    return "";
  }

  /** Whether the provider is of use with these options; if not, it is not even probed. */
  default boolean isWanted(KernelOptions options) {
    return true;
  }

  /** Tells whether the provider can serve on this machine; loads what it needs. Never throws. */
  Probe probe(KernelOptions options);

  /** The kernel of a role for a type, empty when not served. Must not load anything. */
  Optional<Object> kernel(Role role, DType dtype);
}
