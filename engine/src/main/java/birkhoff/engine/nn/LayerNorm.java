package birkhoff.engine.nn;

import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;

/** Layer norm with {@code name.weight} (ones) and, if wanted, {@code name.bias} (zeros). */
public final class LayerNorm {
  /** PyTorch's default. */
  public static final double EPS = 1e-5;

  private final Parameter weight;
  private final Parameter bias;
  private final boolean narrow;

  public LayerNorm(Parameters parameters, String name, long width, boolean bias) {
    this(parameters, name, width, bias, false);
  }

  private LayerNorm(Parameters parameters, String name, long width, boolean bias, boolean narrow) {
    this.narrow = narrow;
    this.weight = parameters.create(name + ".weight", Initializer.constant(1), false, width);
    this.bias =
        bias ? parameters.create(name + ".bias", Initializer.constant(0), false, width) : null;
  }

  /** A layer norm that feeds products: its result is bfloat16 in mixed precision. */
  public static LayerNorm forProducts(
      Parameters parameters, String name, long width, boolean bias) {
    return new LayerNorm(parameters, name, width, bias, parameters.isMixed());
  }

  public Tensor forward(Ops ops, Tensor x) {
    return narrow
        ? ops.mixedLayerNorm(x, weight.tensor(), bias(), EPS)
        : ops.layerNorm(x, weight.tensor(), bias(), EPS);
  }

  /** {@code {norm(x + branch), x + branch}} in one pass. */
  public Tensor[] addForward(Ops ops, Tensor x, Tensor branch) {
    return narrow
        ? ops.mixedAddLayerNorm(x, branch, weight.tensor(), bias(), EPS)
        : ops.addLayerNorm(x, branch, weight.tensor(), bias(), EPS);
  }

  private Tensor bias() {
    return bias == null ? null : bias.tensor();
  }
}
