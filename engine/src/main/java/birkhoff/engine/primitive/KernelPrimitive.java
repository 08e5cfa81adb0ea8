package birkhoff.engine.primitive;

import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/**
 * A primitive that computes new memory with kernels. Open: one defined outside the engine is used
 * like a built-in one.
 */
public non-sealed interface KernelPrimitive extends Primitive {

  /**
   * What the operation makes of its inputs.
   *
   * @param recording whether a backward pass may follow; saved tensors are planned only then
   * @throws birkhoff.engine.error.ShapeException naming the operation and the shapes it refuses
   * @throws birkhoff.engine.error.DTypeException likewise for element types
   */
  Plan plan(List<TensorSpec> in, boolean recording);

  /** Fills {@code o.out} and {@code o.saved}; their contents are undefined before. */
  void forward(Execution x, Operands o);

  /**
   * Whether {@link #restore} can fill an output again at a small part of a step's cost. Such an
   * output need not be held from the forward to the backward pass.
   */
  default boolean restores(int output) {
    return false;
  }

  /**
   * Fills an output again, bit for bit as {@link #forward} did. May read only those other operands
   * that {@link #vjp} reads too, and may write saved ones again.
   */
  default void restore(Execution x, Operands o, int output) {
    forward(x, o);
  }

  /** Whether strided views are welcome; otherwise they are copied first. */
  default boolean takesStrided() {
    return false;
  }
}
