package birkhoff.engine.nn;

import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;

/**
 * {@code y = x·Wᵀ + b}: parameters {@code name.weight[out, in]} and, if wanted, {@code name.bias}.
 */
public final class Linear {
  private final Parameter weight;
  private final Parameter bias;

  public Linear(
      Parameters parameters, String name, long in, long out, boolean bias, Initializer init) {
    this.weight = parameters.create(name + ".weight", init, true, out, in);
    this.bias =
        bias ? parameters.create(name + ".bias", Initializer.constant(0), false, out) : null;
  }

  /** {@code […, in]} to {@code […, out]}. */
  public Tensor forward(Ops ops, Tensor x) {
    return ops.linear(x, weight.tensor(), bias == null ? null : bias.tensor());
  }
}
