package birkhoff.transformer.experiment.synthetic;

/**
 * What a run gave.
 *
 * @param which the method and d
 * @param parameters numbers per problem
 * @param losses mean squared error before each update, from the start on
 * @param msPerEpoch median over stretches of epochs
 */
@SuppressWarnings("ArrayRecordComponent") // ten thousand numbers that nobody changes
public record SyntheticCurve(
    SyntheticCase which, int parameters, double[] losses, double msPerEpoch) {
  private static final double NEAR = 1.05;

  /** The last loss. */
  public double finalMse() {
    return losses[losses.length - 1];
  }

  /** The first epoch, from 0, with a loss of at most 1.05 times the last one. */
  public int epochsToConverge() {
    double bound = NEAR * finalMse();
    int epoch = 0;
    while (losses[epoch] > bound) {
      epoch++;
    }
    return epoch;
  }
}
