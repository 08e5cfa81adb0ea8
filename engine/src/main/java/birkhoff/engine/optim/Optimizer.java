package birkhoff.engine.optim;

import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.tensor.Tensor;
import java.util.Map;

/** A rule that changes parameters by their gradients. Not thread-safe. */
public interface Optimizer {
  /** One update; {@code gradScale} multiplies the gradients first (clipping). */
  void step(Gradients gradients, double lr, double gradScale);

  /** The first half of {@link #step}: works out the update's coefficients, touches no tensor. */
  void advance(double lr, double gradScale);

  /**
   * The second half: changes parameters and state by the coefficients that are current when the
   * work is done. Can be recorded.
   */
  void apply(Gradients gradients);

  /** Updates done so far. */
  long steps();

  /** Continues from a saved state, together with {@link #state}. */
  void setSteps(long steps);

  /**
   * What has to be saved to continue, besides {@link #steps}: tensors by the names of parameters
   * and of their role, such as {@code transformer.wte.weight.exp_avg}.
   */
  Map<String, Tensor> state();
}
