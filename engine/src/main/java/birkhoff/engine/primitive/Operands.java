package birkhoff.engine.primitive;

import birkhoff.engine.tensor.Tensor;

/** The tensors of one application of a primitive. The arrays must not be changed. */
@SuppressWarnings("ArrayRecordComponent") // private to the engine's inner loop: no copies
public record Operands(Tensor[] in, Tensor[] out, Tensor[] saved) {
  public Tensor in(int i) {
    return in[i];
  }

  public Tensor out(int i) {
    return out[i];
  }

  public Tensor saved(int i) {
    return saved[i];
  }
}
