package birkhoff.transformer.experiment.synthetic;

import birkhoff.engine.rng.Distributions;
import birkhoff.transformer.residual.GoMhc;
import birkhoff.transformer.residual.KroneckerMixer;
import birkhoff.transformer.residual.Mixer;

/**
 * Where the notebook's mixers start: full matrices Θ from U[0, 1), also where only the triangle of
 * {@code Θ - Θᵀ} is kept, and logits from N(0, 1).
 */
final class SyntheticStart {
  private final long seed;
  private final int problems;
  private final float[] z;
  private int next;
  private long drawn;

  private SyntheticStart(long seed, int problems, int numbers) {
    this.seed = seed;
    this.problems = problems;
    this.z = new float[numbers * problems];
  }

  /** Generator numbers {@code z[P, problems]}. */
  static float[] of(Mixer mixer, long seed, int problems) {
    var start = new SyntheticStart(seed, problems, mixer.parameters());
    start.add(mixer);
    return start.z;
  }

  private void add(Mixer mixer) {
    switch (mixer) {
      case KroneckerMixer product -> product.factors().forEach(this::add);
      case GoMhc go when go.fullSkew() -> theta(go.streams() * go.blockSize());
      case GoMhc go -> triangle(go.streams() * go.blockSize());
      default -> logits(mixer.parameters());
    }
  }

  private void theta(int n) {
    for (int k = 0; k < n * n * problems; k++) {
      z[next++] = uniform(k);
    }
    drawn += (long) n * n * problems;
  }

  private void triangle(int n) {
    for (int p = 0; p < n; p++) {
      for (int q = p + 1; q < n; q++) {
        for (int b = 0; b < problems; b++) {
          z[next++] = uniform((p * n + q) * problems + b) - uniform((q * n + p) * problems + b);
        }
      }
    }
    drawn += (long) n * n * problems;
  }

  private void logits(int numbers) {
    for (int k = 0; k < numbers * problems; k++) {
      z[next++] = (float) Distributions.normal(seed, 0, drawn + k);
    }
    drawn += (long) numbers * problems;
  }

  private float uniform(int index) {
    return (float) Distributions.uniform(seed, 0, drawn + index);
  }
}
