package birkhoff.engine.primitive;

import birkhoff.engine.tensor.Tensor;

/** Receives the time of every operation; called by the thread that runs the step. */
@FunctionalInterface
public interface OpObserver {
  /**
   * An operation or work beside the operations begins; {@link #done} or {@link #worked} follows.
   */
  default void begins() {}

  /**
   * An operation ended.
   *
   * @param backward whether this was the operation's vector-Jacobian product
   */
  void done(Primitive primitive, Operands operands, boolean backward, long nanos);

  /**
   * The gradient of an input as it is after an operation's vector-Jacobian product; may be read
   * now, neither changed nor kept. Other uses of the same tensor may already be part of it, or
   * follow.
   *
   * @param input its place among the operation's inputs
   */
  default void gradient(Primitive primitive, Operands operands, int input, Tensor gradient) {}

  /**
   * Work beside the operations ended: an optimizer's update, the norm of the gradients.
   *
   * @param bytes that it must move when nothing lies in a cache
   */
  default void worked(String name, long bytes, long nanos) {}
}
