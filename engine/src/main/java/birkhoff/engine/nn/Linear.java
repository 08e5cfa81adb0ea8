package birkhoff.engine.nn;

import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;

/**
 * {@code y = x·Wᵀ + b}: parameters {@code name.weight[out, in]} and, if wanted, {@code name.bias}.
 * In mixed precision a bfloat16 x meets the weight's shadow.
 */
public final class Linear {
  private final Parameter weight;
  private final Parameter bias;

  public Linear(
      Parameters parameters, String name, long in, long out, boolean bias, Initializer init) {
    this.weight = parameters.createWeight(name + ".weight", init, out, in);
    this.bias =
        bias ? parameters.create(name + ".bias", Initializer.constant(0), false, out) : null;
  }

  /** {@code […, in]} to {@code […, out]}, never narrower than float32. */
  public Tensor forward(Ops ops, Tensor x) {
    return forward(ops, x, DType.FLOAT32);
  }

  /** The same for a value that feeds products: bfloat16 in mixed precision. */
  public Tensor forwardNarrow(Ops ops, Tensor x) {
    return forward(ops, x, DType.BFLOAT16);
  }

  private Tensor forward(Ops ops, Tensor x, DType mixedResult) {
    Tensor b = bias == null ? null : bias.tensor();
    // What is float32 although the model is mixed, as while a text is sampled, meets the weight.
    return weight.shadow() == null || x.dtype() != DType.BFLOAT16
        ? ops.linear(x, weight.tensor(), b)
        : ops.mixedLinear(x, weight.tensor(), weight.shadow(), b, mixedResult);
  }
}
