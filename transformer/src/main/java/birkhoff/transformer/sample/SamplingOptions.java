package birkhoff.transformer.sample;

import birkhoff.transformer.error.UsageException;

/**
 * How the next token is drawn.
 *
 * @param temperature divides the logits; 0 takes the most likely token
 * @param topK only the k most likely tokens; 0 for all
 * @param topP only the most likely tokens that together have this probability; 1 for all
 * @param seed of the draws
 */
public record SamplingOptions(double temperature, int topK, double topP, long seed) {
  /** Checks the ranges. */
  public SamplingOptions {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new UsageException("temperature=" + temperature + " must be a number of at least 0");
    }
    if (topK < 0) {
      throw new UsageException("top_k=" + topK + " must be at least 0 (0 takes all tokens)");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new UsageException("top_p=" + topP + " must be above 0 and at most 1");
    }
  }
}
