package birkhoff.engine.primitive;

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
   * Work beside the operations ended: an optimizer's update, the norm of the gradients.
   *
   * @param bytes that it must move when nothing lies in a cache
   */
  default void worked(String name, long bytes, long nanos) {}
}
