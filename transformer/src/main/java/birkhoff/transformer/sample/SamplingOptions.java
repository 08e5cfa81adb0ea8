package birkhoff.transformer.sample;

import birkhoff.transformer.error.UsageException;

/**
 * How the next token is drawn. Filters apply one after the other, each to what the one before it
 * left, in the order of the fields.
 *
 * @param repetitionPenalty logits of tokens that are already in the text, the prompt included, are
 *     divided by it when positive and multiplied when negative (arXiv 1909.05858, section 4.1); 1
 *     for none
 * @param temperature divides the logits; 0 takes the most likely token
 * @param topK only the k most likely tokens; 0 for all
 * @param topP only the most likely tokens that together have this probability; 1 for all
 * @param minP only tokens with at least this share of the likeliest one's probability (arXiv
 *     2407.01082); 0 for all
 * @param seed of the draws
 */
public record SamplingOptions(
    double repetitionPenalty, double temperature, int topK, double topP, double minP, long seed) {
  /** Checks the ranges. */
  public SamplingOptions {
    if (!(repetitionPenalty > 0) || Double.isInfinite(repetitionPenalty)) {
      throw new UsageException(
          "repetition_penalty=" + repetitionPenalty + " must be a number above 0 (1 for none)");
    }
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new UsageException("temperature=" + temperature + " must be a number of at least 0");
    }
    if (topK < 0) {
      throw new UsageException("top_k=" + topK + " must be at least 0 (0 takes all tokens)");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new UsageException("top_p=" + topP + " must be above 0 and at most 1");
    }
    if (!(minP >= 0 && minP <= 1)) {
      throw new UsageException("min_p=" + minP + " must be at least 0 and at most 1");
    }
  }

  /** No filters. */
  public static SamplingOptions of(double temperature, long seed) {
    return new SamplingOptions(1, temperature, 0, 1, 0, seed);
  }

  public SamplingOptions withRepetitionPenalty(double penalty) {
    return new SamplingOptions(penalty, temperature, topK, topP, minP, seed);
  }

  public SamplingOptions withTopK(int k) {
    return new SamplingOptions(repetitionPenalty, temperature, k, topP, minP, seed);
  }

  public SamplingOptions withTopP(double p) {
    return new SamplingOptions(repetitionPenalty, temperature, topK, p, minP, seed);
  }

  public SamplingOptions withMinP(double p) {
    return new SamplingOptions(repetitionPenalty, temperature, topK, topP, p, seed);
  }

  public SamplingOptions withSeed(long other) {
    return new SamplingOptions(repetitionPenalty, temperature, topK, topP, minP, other);
  }
}
