package birkhoff.engine.primitive;

import birkhoff.engine.tensor.Tensor;

/** Receives the operations that a backward pass must know. */
public interface Recorder {
  /** Whether {@code primitive} on these inputs must be recorded. */
  boolean tracks(Primitive primitive, Tensor[] in);

  /** Notes one application; called only when {@link #tracks} said so. */
  void record(Primitive primitive, Operands operands);

  /** Gives back the memory of a result that is not used again, if the backward pass allows it. */
  void forget(Tensor result);
}
