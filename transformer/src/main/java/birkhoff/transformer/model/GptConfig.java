package birkhoff.transformer.model;

import birkhoff.transformer.residual.ResidualConfig;

/**
 * Sizes of a GPT, under nanoGPT's names.
 *
 * @param vocabSize rows of the embedding and of the head
 * @param blockSize longest sequence
 * @param nLayer blocks
 * @param nHead attention heads, a divisor of {@code nEmbd}
 * @param nEmbd width
 * @param bias biases in linear layers and layer norms
 * @param geluTanh GPT-2's tanh formula instead of the exact GELU
 * @param tiedHead whether the head is the token embedding itself
 * @param dropout after the embedding, on attention weights and after each branch
 */
public record GptConfig(
    int vocabSize,
    int blockSize,
    int nLayer,
    int nHead,
    int nEmbd,
    boolean bias,
    boolean geluTanh,
    boolean tiedHead,
    double dropout,
    ResidualConfig residual) {
  public GptConfig {
    if (vocabSize < 1 || blockSize < 1 || nLayer < 1 || nHead < 1 || nEmbd < 1) {
      throw new IllegalArgumentException(
          "vocab_size, block_size, n_layer, n_head and n_embd must be at least 1");
    }
    if (nEmbd % nHead != 0) {
      throw new IllegalArgumentException(
          "n_embd = " + nEmbd + " is not a multiple of n_head = " + nHead);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout = " + dropout + " is outside [0, 1)");
    }
  }

  /**
   * Floating-point operations of one training token as PaLM (appendix B) and nanoGPT count them: 6
   * per matrix parameter, head included, and 12·c·time per block for attention (the full square).
   */
  public double trainingFlopsPerToken(int time) {
    double c = nEmbd;
    double matrices = nLayer * 12 * c * c + (double) vocabSize * c;
    double attention = nLayer * 12.0 * c * time;
    return 6 * matrices + attention;
  }
}
