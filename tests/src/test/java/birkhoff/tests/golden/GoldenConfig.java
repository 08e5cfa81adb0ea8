package birkhoff.tests.golden;

/**
 * The shape of the oracle's GPT.
 *
 * @param vocab vocabulary size V
 * @param block the longest sequence (rows of the position table)
 * @param layers number of transformer blocks
 * @param heads attention heads; divides {@code width}
 * @param width feature width C
 * @param bias whether Linear and LayerNorm have biases
 * @param tanhGelu the tanh approximation of GELU instead of the exact erf form
 * @param tiedHead whether the head is the token embedding
 * @param residual how sublayers are joined
 */
record GoldenConfig(
    int vocab,
    int block,
    int layers,
    int heads,
    int width,
    boolean bias,
    boolean tanhGelu,
    boolean tiedHead,
    GoldenResidual residual) {

  public static final double LAYER_NORM_EPS = 1e-5;
  public static final double RMS_NORM_EPS = 1e-6;

  public GoldenConfig {
    if (width % heads != 0) {
      throw new IllegalArgumentException("width " + width + " is not divisible by heads " + heads);
    }
  }

  /** A GPT with the plain residual, biases and the exact GELU. */
  public static GoldenConfig plain(int vocab, int block, int layers, int heads, int width) {
    return new GoldenConfig(
        vocab, block, layers, heads, width, true, false, true, new GoldenResidual.Plain());
  }

  public GoldenConfig withBias(boolean value) {
    return new GoldenConfig(
        vocab, block, layers, heads, width, value, tanhGelu, tiedHead, residual);
  }

  public GoldenConfig withTanhGelu(boolean value) {
    return new GoldenConfig(vocab, block, layers, heads, width, bias, value, tiedHead, residual);
  }

  public GoldenConfig withGoMhc(int d, int s) {
    return withResidual(new GoldenResidual.Generated(new GoldenMaps.Cayley(d, s), false));
  }

  public GoldenConfig withResidual(GoldenResidual value) {
    return new GoldenConfig(vocab, block, layers, heads, width, bias, tanhGelu, tiedHead, value);
  }

  public GoldenConfig withOwnHead() {
    return new GoldenConfig(vocab, block, layers, heads, width, bias, tanhGelu, false, residual);
  }

  /** Whose weight the head is. */
  public String head() {
    return tiedHead ? "transformer.wte" : "lm_head";
  }
}
