package birkhoff.engine.nn;

import birkhoff.engine.error.ShapeException;
import birkhoff.engine.tensor.Tensor;

/**
 * A named tensor that training changes in place.
 *
 * @param name dotted path, unique in its model, such as {@code transformer.h.0.ln_1.weight}
 * @param tensor contiguous memory owned by the engine
 * @param decay whether weight decay applies
 * @param shadow a bfloat16 copy for products, which the optimizer keeps up to date; null for none
 */
public record Parameter(String name, Tensor tensor, boolean decay, Tensor shadow) {
  public Parameter {
    if (!tensor.isContiguous()) {
      throw new ShapeException(
          "parameter '" + name + "': " + tensor.layout() + " is a strided view; copy it first");
    }
  }

  /** A parameter without a shadow. */
  public Parameter(String name, Tensor tensor, boolean decay) {
    this(name, tensor, decay, null);
  }
}
