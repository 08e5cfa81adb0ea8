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

  /** All tensors once; backward each floating-point input a second time, for its gradient. */
  long bytes(boolean backward) {
    long sum = 0;
    for (Tensor t : in) {
      sum += t.spec().bytes() * (backward && t.dtype().isDifferentiable() ? 2 : 1);
    }
    for (Tensor t : out) {
      sum += t.spec().bytes();
    }
    for (Tensor t : saved) {
      sum += t.spec().bytes();
    }
    return sum;
  }
}
