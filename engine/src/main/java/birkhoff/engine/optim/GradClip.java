package birkhoff.engine.optim;

import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.primitive.Execution;
import java.util.Collection;

/** Clipping by the global norm (Pascanu et al., arXiv 1211.5063). */
public final class GradClip {
  private static final double EPS = 1e-6;

  private GradClip() {}

  /** √Σ g² over all parameters, added in their order. */
  public static double globalNorm(
      Execution x, Collection<Parameter> parameters, Gradients gradients) {
    var norm = new GradientNorm(parameters);
    norm.measure(x, gradients);
    return norm.value();
  }

  /** The factor that brings a norm down to {@code limit}, as PyTorch; 1 when {@code limit} is 0. */
  public static double scale(double norm, double limit) {
    return limit <= 0 ? 1 : Math.min(1, limit / (norm + EPS));
  }
}
