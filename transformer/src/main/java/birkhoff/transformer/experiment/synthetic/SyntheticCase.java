package birkhoff.transformer.experiment.synthetic;

import birkhoff.transformer.residual.Mixer;
import birkhoff.transformer.residual.ResidualConfig;
import birkhoff.transformer.residual.ResidualStreams;
import java.util.stream.Collectors;

/**
 * One method for one d: one learning curve.
 *
 * @param config what the mixer is made of
 * @param blockSize s, or 0 for a method that has none
 * @param skew convention of the skew-symmetric matrix, or an empty text
 * @param seed of data and start
 */
public record SyntheticCase(ResidualConfig config, int blockSize, String skew, long seed) {
  /** A method without a skew-symmetric matrix. */
  static SyntheticCase of(ResidualConfig config, long seed) {
    return new SyntheticCase(config, 0, "", seed);
  }

  /** The same with other data and another start. */
  SyntheticCase withSeed(long other) {
    return new SyntheticCase(config, blockSize, skew, other);
  }

  /** The method's name in options and results. */
  public String method() {
    return config.type();
  }

  /** The streams d. */
  public int streams() {
    return config.streams();
  }

  /** Sizes of Kronecker factors such as {@code 2x2}, or an empty text. */
  public String factors() {
    return config.factors().stream().map(String::valueOf).collect(Collectors.joining("x"));
  }

  /**
   * What has its own draw of inputs and noise. Both skew conventions have the same, and the same
   * start, so that nothing but the step differs.
   */
  String draw() {
    return method() + " d=" + streams() + " s=" + blockSize + " " + factors();
  }

  /** A name for people. */
  public String label() {
    return method()
        + (factors().isEmpty() ? "" : " " + factors())
        + (blockSize == 0 ? "" : " s=" + blockSize)
        + (skew.isEmpty() ? "" : " " + skew);
  }

  Mixer mixer() {
    return ResidualStreams.mixer(config);
  }

  /** A number that grows with the time of an epoch, to begin with what takes longest. */
  double cost() {
    double n = (double) streams() * Math.max(1, blockSize);
    double own = n * n * n;
    double perNumber = (double) mixer().parameters() * streams();
    return method().equals(SyntheticMethod.MHC.label()) ? 60 * n * n : Math.max(own, perNumber);
  }
}
