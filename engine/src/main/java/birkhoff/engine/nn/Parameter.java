package birkhoff.engine.nn;

import birkhoff.engine.Engine;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.function.Consumer;

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

  /**
   * Overwrites the parameter, and its shadow with it. {@code writer} gets the tensor itself, or a
   * float32 one of the same shape for the moment when the parameter is kept in bfloat16.
   */
  public void fill(Engine engine, Consumer<Tensor> writer) {
    if (tensor.dtype() != DType.BFLOAT16) {
      writer.accept(tensor);
      if (shadow != null) {
        round(engine, tensor, shadow);
      }
      return;
    }
    try (Workspace stage = engine.workspace("parameters on their way to bfloat16")) {
      Tensor wide = engine.execution(stage).allocate(TensorSpec.of(tensor.shape(), DType.FLOAT32));
      writer.accept(wide);
      round(engine, wide, tensor);
    }
  }

  private static void round(Engine engine, Tensor wide, Tensor narrow) {
    var k = engine.kernels().bfloat16(DType.FLOAT32);
    var from = wide.data();
    var to = narrow.data();
    engine
        .team()
        .run(Partition.elements(wide.count()), (lo, hi, w) -> k.narrow(from, lo, to, lo, hi - lo));
  }
}
