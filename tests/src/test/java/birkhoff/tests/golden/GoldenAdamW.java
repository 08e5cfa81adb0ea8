package birkhoff.tests.golden;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * AdamW with decoupled weight decay (Loshchilov and Hutter, 1711.05101) as PyTorch orders it, after
 * clipping by the global norm. Tensors of two or more dimensions are decayed, but biases never: the
 * static maps of arXiv 2409.19606 are matrices, and not decayed there either. Not thread-safe.
 */
public final class GoldenAdamW {
  private final Map<String, int[]> shapes;
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final double weightDecay;
  private final double clip;
  private final Map<String, double[]> first = new LinkedHashMap<>();
  private final Map<String, double[]> second = new LinkedHashMap<>();
  private int steps;

  /**
   * @param shapes every parameter's shape by name; decides what is decayed
   * @param clip the global norm gradients are scaled down to; 0 turns clipping off
   */
  public GoldenAdamW(
      Map<String, int[]> shapes,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      double clip) {
    this.shapes = shapes;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.weightDecay = weightDecay;
    this.clip = clip;
    shapes.forEach((name, shape) -> {
      first.put(name, new double[GoldenParams.size(shape)]);
      second.put(name, new double[GoldenParams.size(shape)]);
    });
  }

  /** Updates {@code params} in place; returns the gradients' global norm before clipping. */
  public double step(
      double learningRate, Map<String, double[]> params, Map<String, double[]> gradients) {
    double norm = globalNorm(gradients);
    double coefficient = clip > 0 ? Math.min(1, clip / (norm + 1e-6)) : 1;
    steps++;
    double correction1 = 1 - Math.pow(beta1, steps);
    double correction2 = 1 - Math.pow(beta2, steps);
    shapes.forEach((name, shape) -> {
      double[] p = params.get(name);
      double[] g = gradients.get(name);
      double[] m = first.get(name);
      double[] v = second.get(name);
      double keep =
          shape.length >= 2 && !name.endsWith(".bias") ? 1 - learningRate * weightDecay : 1;
      for (int k = 0; k < p.length; k++) {
        double gk = g[k] * coefficient;
        m[k] = beta1 * m[k] + (1 - beta1) * gk;
        v[k] = beta2 * v[k] + (1 - beta2) * gk * gk;
        double denominator = Math.sqrt(v[k]) / Math.sqrt(correction2) + epsilon;
        p[k] = p[k] * keep - learningRate / correction1 * m[k] / denominator;
      }
    });
    return norm;
  }

  public static double globalNorm(Map<String, double[]> gradients) {
    double sum = 0;
    for (double[] g : gradients.values()) {
      for (double value : g) {
        sum += value * value;
      }
    }
    return Math.sqrt(sum);
  }

  /** The first moment of a parameter, live. */
  public double[] firstMoment(String name) {
    return first.get(name);
  }

  /** The second moment of a parameter, live. */
  public double[] secondMoment(String name) {
    return second.get(name);
  }
}
