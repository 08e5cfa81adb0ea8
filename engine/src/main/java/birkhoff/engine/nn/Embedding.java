package birkhoff.engine.nn;

import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;

/** A table of rows, {@code name.weight[rows, width]}. */
public final class Embedding {
  private final Parameter weight;

  public Embedding(Parameters parameters, String name, long rows, long width, Initializer init) {
    this.weight = parameters.create(name + ".weight", init, true, rows, width);
  }

  /** The rows of INT32 ids. */
  public Tensor forward(Ops ops, Tensor ids) {
    return ops.embedding(weight.tensor(), ids);
  }

  public Tensor table() {
    return weight.tensor();
  }
}
