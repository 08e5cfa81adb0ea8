package birkhoff.transformer.experiment.spectra;

/** Softmax of part of an array. */
final class Softmax {
  private Softmax() {}

  /** {@code w[from … from+n)} of {@code z} at the same places. */
  static void forward(double[] z, int from, int n, double[] w) {
    double max = z[from];
    for (int i = 1; i < n; i++) {
      max = Math.max(max, z[from + i]);
    }
    double sum = 0;
    for (int i = 0; i < n; i++) {
      w[from + i] = Math.exp(z[from + i] - max);
      sum += w[from + i];
    }
    for (int i = 0; i < n; i++) {
      w[from + i] /= sum;
    }
  }

  /** Turns the gradient of w in {@code g} into that of z. */
  static void backward(double[] w, int from, int n, double[] g) {
    double mean = 0;
    for (int i = 0; i < n; i++) {
      mean += w[from + i] * g[from + i];
    }
    for (int i = 0; i < n; i++) {
      g[from + i] = w[from + i] * (g[from + i] - mean);
    }
  }
}
