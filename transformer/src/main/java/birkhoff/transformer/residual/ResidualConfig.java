package birkhoff.transformer.residual;

/**
 * Which residual stream a model has.
 *
 * @param type {@code none} or {@code go_mhc}
 * @param streams d, parallel residual streams
 * @param blockSize s, block size of the generalized orthostochastic mixer
 * @param initEps off-diagonal mass per row of a fresh mixer
 */
public record ResidualConfig(String type, int streams, int blockSize, double initEps) {
  public static final ResidualConfig NONE = new ResidualConfig("none", 1, 1, 0);

  /** go-mHC with the derived initialisation. */
  public static ResidualConfig goMhc(int streams, int blockSize) {
    return new ResidualConfig("go_mhc", streams, blockSize, 0.006);
  }
}
