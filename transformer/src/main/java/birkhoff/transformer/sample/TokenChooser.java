package birkhoff.transformer.sample;

import birkhoff.engine.rng.Distributions;
import birkhoff.engine.rng.Philox;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Draws tokens from logits. The draw at a position is a function of the seed, the position and the
 * logits. Not thread-safe.
 */
public final class TokenChooser {
  /** Keeps these draws apart from those of training. */
  private static final long PURPOSE = 0x73616d706c65L;

  private final SamplingOptions options;
  private final long key;
  private final Integer[] order;
  private final double[] weights;

  /**
   * Prepares draws.
   *
   * @param tokens number of ids that may be drawn; logits beyond it are padding
   */
  public TokenChooser(SamplingOptions options, int tokens) {
    this.options = options;
    this.key = Philox.derive(options.seed(), PURPOSE, 0);
    this.order = new Integer[tokens];
    this.weights = new double[tokens];
  }

  /** The token at a position of the generated text, counted from 0. */
  public int choose(float[] logits, long position) {
    int best = 0;
    for (int i = 1; i < weights.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    if (options.temperature() == 0) {
      return best;
    }
    for (int i = 0; i < weights.length; i++) {
      order[i] = i;
      weights[i] = Math.exp(((double) logits[i] - logits[best]) / options.temperature());
    }
    int kept = keep();
    double total = 0;
    for (int i = 0; i < kept; i++) {
      total += weights[order[i]];
    }
    double left = Distributions.uniform(key, 0, position) * total;
    for (int i = 0; i < kept; i++) {
      left -= weights[order[i]];
      if (left < 0) {
        return order[i];
      }
    }
    return order[kept - 1];
  }

  /** Sorts the candidates when needed and tells how many of them may be drawn. */
  private int keep() {
    boolean all = options.topK() == 0 && options.topP() == 1 && options.minP() == 0;
    if (all) {
      return weights.length;
    }
    // Ties in the order of the ids, so that the result does not depend on the sorting.
    Arrays.sort(
        order, Comparator.<Integer>comparingDouble(i -> -weights[i]).thenComparingInt(i -> i));
    int kept = options.topK() == 0 ? order.length : Math.min(options.topK(), order.length);
    if (options.topP() < 1) {
      kept = covering(kept);
    }
    // The likeliest token's weight is 1.
    while (weights[order[kept - 1]] < options.minP()) {
      kept--;
    }
    return kept;
  }

  /** How many of the first {@code kept} candidates have top_p of their weight. */
  private int covering(int kept) {
    double total = 0;
    for (int i = 0; i < kept; i++) {
      total += weights[order[i]];
    }
    double covered = 0;
    for (int i = 0; i < kept; i++) {
      covered += weights[order[i]];
      if (covered >= options.topP() * total) {
        return i + 1;
      }
    }
    return kept;
  }
}
