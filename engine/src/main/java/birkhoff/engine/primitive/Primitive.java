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

  /**
   * Whether {@link #vjp} reads the elements of an input. The memory of what nobody reads is given
   * back early; reading an operand that is declared unread fails.
   */
  default boolean readsInput(int input) {
    return true;
  }

  /** Whether {@link #vjp} reads the elements of an output; as {@link #readsInput}. */
  default boolean readsOutput(int output) {
    return true;
  }

  /**
   * Floating-point operations of the matrix products in one half of the operation, a multiply-add
   * counting as two; other arithmetic is not counted. The backward half counts the gradients of all
   * floating-point inputs. For profiles.
   */
  default long flops(Operands o, boolean backward) {
    return 0;
  }

  /**
   * Bytes that one half of the operation must move when nothing lies in a cache: every tensor once,
   * and backward the gradients of all floating-point inputs. For profiles.
   */
  default long bytes(Operands o, boolean backward) {
    return o.bytes(backward);
  }
}
