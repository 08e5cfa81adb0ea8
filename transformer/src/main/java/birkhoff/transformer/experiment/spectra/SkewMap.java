package birkhoff.transformer.experiment.spectra;

/**
 * A map of skew-symmetric n×n matrices to orthogonal ones, with its derivative. Remembers the last
 * forward call for the next backward call; not thread-safe.
 */
public interface SkewMap {
  /** Writes the orthogonal matrix of {@code a} to {@code q}, both row-major. */
  void forward(double[] a, double[] q);

  /**
   * The gradient with respect to all n² entries of the last {@code a}, as if they were independent.
   *
   * @param gq gradient with respect to {@code q}
   * @param ga receives the gradient with respect to {@code a}
   */
  void backward(double[] gq, double[] ga);
}
