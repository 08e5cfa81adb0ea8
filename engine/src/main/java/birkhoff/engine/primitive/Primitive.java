package birkhoff.engine.primitive;

/**
 * A differentiable operation: shape rule, forward and vector-Jacobian product. Implementations are
 * stateless records whose components are the operation's constants. Thread-safe.
 */
public sealed interface Primitive permits KernelPrimitive, ViewPrimitive {
  /** Name in errors, traces and profiles, such as {@code layerNorm}. */
  String name();

  /**
   * Adds {@code (∂out/∂in)ᵀ·g.of(out)} to every input that {@code g} wants. Output gradients are
   * contiguous. May use {@code x} for temporaries; never records.
   */
  void vjp(Execution x, Operands o, Cotangents g);
}
