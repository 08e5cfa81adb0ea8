package birkhoff.transformer.experiment.spectra;

/**
 * mHC (arXiv 2512.24880): Sinkhorn's normalisations of rows, then of columns, of {@code exp(z)}.
 * Columns sum to 1 exactly; rows do so in the limit only.
 *
 * <p>Where the procedure keeps logarithms, this divides: with logits of ±100 the smallest entry is
 * about e⁻⁶⁰⁰, which a double holds. The backward pass is that of the logarithms, {@code gL = g -
 * P·sum(g)} along each normalised row or column, so nothing divides by a small sum.
 */
public final class SinkhornMix implements MatrixMap {
  private final int d;
  private final int iterations;
  private final double[][] normalised;

  /**
   * @param iterations of rows and columns
   */
  public SinkhornMix(int d, int iterations) {
    this.d = d;
    this.iterations = iterations;
    normalised = new double[2 * iterations][d * d];
  }

  @Override
  public int parameters() {
    return d * d;
  }

  @Override
  public void forward(double[] z, double[] h) {
    // Any factor of a row is lost in the first normalisation; this one prevents overflow.
    for (int i = 0; i < d; i++) {
      Softmax.forward(z, i * d, d, h);
    }
    for (int step = 0; step < 2 * iterations; step++) {
      int along = step % 2 == 0 ? 1 : d;
      int across = d + 1 - along;
      double[] kept = normalised[step];
      for (int i = 0; i < d; i++) {
        double sum = 0;
        for (int j = 0; j < d; j++) {
          sum += h[i * across + j * along];
        }
        for (int j = 0; j < d; j++) {
          int at = i * across + j * along;
          h[at] /= sum;
          kept[at] = h[at];
        }
      }
    }
  }

  @Override
  public void backward(double[] gh, double[] gz) {
    double[] last = normalised[2 * iterations - 1];
    for (int i = 0; i < d * d; i++) {
      gz[i] = gh[i] * last[i];
    }
    for (int step = 2 * iterations - 1; step >= 0; step--) {
      int along = step % 2 == 0 ? 1 : d;
      int across = d + 1 - along;
      double[] kept = normalised[step];
      for (int i = 0; i < d; i++) {
        double sum = 0;
        for (int j = 0; j < d; j++) {
          sum += gz[i * across + j * along];
        }
        for (int j = 0; j < d; j++) {
          int at = i * across + j * along;
          gz[at] -= kept[at] * sum;
        }
      }
    }
  }
}
