package birkhoff.tests.golden;

/**
 * The shape of the oracle's GPT. With {@code hyper} false the residual is plain and {@code streams}
 * is 1; with it true every sublayer is a go-mHC hyper connection over {@code streams} (d) residual
 * streams with blocks of side {@code side} (s).
 *
 * @param vocab vocabulary size V
 * @param block the longest sequence (rows of the position table)
 * @param layers number of transformer blocks
 * @param heads attention heads; divides {@code width}
 * @param width feature width C
 * @param bias whether Linear and LayerNorm have biases
 * @param tanhGelu the tanh approximation of GELU instead of the exact erf form
 * @param tiedHead whether the head is the token embedding
 */
public record GoldenConfig(
    int vocab,
    int block,
    int layers,
    int heads,
    int width,
    boolean bias,
    boolean tanhGelu,
    boolean tiedHead,
    boolean hyper,
    int streams,
    int side) {

  public static final double LAYER_NORM_EPS = 1e-5;
  public static final double RMS_NORM_EPS = 1e-6;

  public GoldenConfig {
    if (width % heads != 0) {
      throw new IllegalArgumentException("width " + width + " is not divisible by heads " + heads);
    }
    if (!hyper && streams != 1) {
      throw new IllegalArgumentException("a plain residual has 1 stream, not " + streams);
    }
    if (streams < 1 || side < 1) {
      throw new IllegalArgumentException("streams " + streams + " and side " + side + " are < 1");
    }
  }

  /** A GPT with the plain residual, biases and the exact GELU. */
  public static GoldenConfig plain(int vocab, int block, int layers, int heads, int width) {
    return new GoldenConfig(vocab, block, layers, heads, width, true, false, true, false, 1, 1);
  }

  public GoldenConfig withBias(boolean value) {
    return new GoldenConfig(
        vocab, block, layers, heads, width, value, tanhGelu, tiedHead, hyper, streams, side);
  }

  public GoldenConfig withTanhGelu(boolean value) {
    return new GoldenConfig(
        vocab, block, layers, heads, width, bias, value, tiedHead, hyper, streams, side);
  }

  public GoldenConfig withGoMhc(int d, int s) {
    return new GoldenConfig(
        vocab, block, layers, heads, width, bias, tanhGelu, tiedHead, true, d, s);
  }

  public GoldenConfig withOwnHead() {
    return new GoldenConfig(
        vocab, block, layers, heads, width, bias, tanhGelu, false, hyper, streams, side);
  }

  /** Whose weight the head is. */
  public String head() {
    return tiedHead ? "transformer.wte" : "lm_head";
  }

  /** n = d*s, the side of the skew-symmetric matrix. */
  public int skewSide() {
    return streams * side;
  }

  /** P = n(n-1)/2, the numbers that make one mixer. */
  public int skewNumbers() {
    return skewSide() * (skewSide() - 1) / 2;
  }

  /** 2d + P: generator rows, in the order pre, post, res. */
  public int generatorRows() {
    return 2 * streams + skewNumbers();
  }
}
