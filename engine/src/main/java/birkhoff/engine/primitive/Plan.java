package birkhoff.engine.primitive;

import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/**
 * Tensors that an operation writes.
 *
 * @param out its results
 * @param saved what the backward pass needs besides inputs and results
 */
public record Plan(List<TensorSpec> out, List<TensorSpec> saved) {
  public static Plan of(TensorSpec out) {
    return new Plan(List.of(out), List.of());
  }

  public static Plan of(TensorSpec out, TensorSpec... saved) {
    return new Plan(List.of(out), List.of(saved));
  }
}
