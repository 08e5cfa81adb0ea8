package birkhoff.engine.autograd;

import birkhoff.engine.tensor.Tensor;

/** Gradients by the tensor that they belong to. */
public interface Gradients {
  /**
   * The gradient of a watched tensor, contiguous and of its shape; zeros when nothing flowed into
   * it. To be read only: several gradients may share memory. Valid until the workspace is reset.
   *
   * @throws birkhoff.engine.error.DifferentiationException for a tensor that was not watched
   */
  Tensor of(Tensor watched);
}
