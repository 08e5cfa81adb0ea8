package birkhoff.engine.optim;

import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.op.reduce.Sums;
import birkhoff.engine.primitive.Execution;

/** Clipping by the global norm (Pascanu et al., arXiv 1211.5063). */
public final class GradClip {
  private static final double EPS = 1e-6;

  private GradClip() {}

  /** √Σ g² over all parameters, added in their order. */
  public static double globalNorm(
      Execution x, Iterable<Parameter> parameters, Gradients gradients) {
    double total = 0;
    for (Parameter p : parameters) {
      total += Sums.squares(x, gradients.of(p.tensor()));
    }
    return Math.sqrt(total);
  }

  /** The factor that brings a norm down to {@code limit}, as PyTorch; 1 when {@code limit} is 0. */
  public static double scale(double norm, double limit) {
    return limit <= 0 ? 1 : Math.min(1, limit / (norm + EPS));
  }
}
