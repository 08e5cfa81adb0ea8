package birkhoff.transformer.experiment.spectra;

/**
 * Free numbers z to a (nearly) doubly stochastic d×d matrix H, with the derivative. Remembers the
 * last forward call for the next backward call; not thread-safe.
 */
public interface MatrixMap {
  /** How many numbers z has. */
  int parameters();

  /** Writes H, row-major, {@code h[i·d+j]} being the share of input j in output i. */
  void forward(double[] z, double[] h);

  /**
   * The gradient with respect to the last z.
   *
   * @param gh gradient with respect to H
   * @param gz receives the gradient with respect to z
   */
  void backward(double[] gh, double[] gz);
}
