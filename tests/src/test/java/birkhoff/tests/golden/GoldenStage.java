package birkhoff.tests.golden;

import java.util.Map;

/**
 * A piece of the model that keeps what its own backward pass needs. Call {@code forward} once, then
 * {@code backward} at most once.
 */
interface GoldenStage {
  double[] forward(double[] x);

  /** Adds parameter gradients into {@code gradients}; returns the gradient of the input. */
  double[] backward(double[] dy, Map<String, double[]> gradients);
}
