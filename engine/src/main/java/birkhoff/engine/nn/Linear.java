package birkhoff.engine.nn;

import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;

/**
 * {@code y = x·Wᵀ + b}: parameters {@code name.weight[out, in]} and, if wanted, {@code name.bias}.
 * In mixed precision x is bfloat16.
 */
public final class Linear {
  private final Parameter weight;
  private final Parameter bias;

  public Linear(
      Parameters parameters, String name, long in, long out, boolean bias, Initializer init) {
    this.weight = parameters.createForProducts(name + ".weight", init, true, out, in);
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
    return weight.shadow() == null
        ? ops.linear(x, weight.tensor(), b)
        : ops.mixedLinear(x, weight.tensor(), weight.shadow(), b, mixedResult);
  }
}
