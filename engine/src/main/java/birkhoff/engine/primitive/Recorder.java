package birkhoff.engine.primitive;

import birkhoff.engine.tensor.Tensor;

/** Receives the operations that a backward pass must know. */
public interface Recorder {
  /** Whether a gradient is wanted for any of the inputs. */
  boolean tracks(String op, Tensor[] in);

  /** Notes one application; called only when {@link #tracks} said so. */
  void record(Primitive primitive, Operands operands);
}
