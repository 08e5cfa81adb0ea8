package birkhoff.engine.primitive;

/** Receives the time of every operation; called by the thread that runs the step. */
@FunctionalInterface
public interface OpObserver {
  /**
   * @param backward whether this was the operation's vector-Jacobian product
   */
  void done(Primitive primitive, Operands operands, boolean backward, long nanos);
}
