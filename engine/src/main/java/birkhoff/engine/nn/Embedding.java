package birkhoff.engine.nn;

import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;

/** A table of rows, {@code name.weight[rows, width]}. */
public final class Embedding {
  private final Parameter weight;

  private Embedding(Parameter weight) {
    this.weight = weight;
  }

  public Embedding(Parameters parameters, String name, long rows, long width, Initializer init) {
    this(parameters.create(name + ".weight", init, true, rows, width));
  }

  /** A table that is the weight of a product, as a language model's head is. */
  public static Embedding forProducts(
      Parameters parameters, String name, long rows, long width, Initializer init) {
    return new Embedding(parameters.createWeight(name + ".weight", init, rows, width));
  }

  /** The rows of INT32 ids. */
  public Tensor forward(Ops ops, Tensor ids) {
    return ops.embedding(weight.tensor(), ids);
  }

  public Tensor table() {
    return weight.tensor();
  }

  /**
   * The table as a language model's head: the mean cross-entropy of {@code h[n, width]} against
   * INT32 {@code targets[n]}, a score per row of the table.
   */
  public Tensor loss(Ops ops, Tensor h, Tensor targets) {
    return weight.shadow() == null
        ? ops.linearCrossEntropy(h, weight.tensor(), targets)
        : ops.mixedLinearCrossEntropy(h, weight.tensor(), weight.shadow(), targets);
  }
}
