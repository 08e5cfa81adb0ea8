package birkhoff.transformer.experiment.spectra;

/**
 * KromHC (arXiv 2601.21579) with d = 4: the Kronecker product of two 2×2 factors, each a softmax
 * over the two permutations.
 */
public final class KroneckerMix implements MatrixMap {
  private static final int D = 4;

  private final double[] w = new double[D];

  public KroneckerMix() {}

  @Override
  public int parameters() {
    return D;
  }

  @Override
  public void forward(double[] z, double[] h) {
    Softmax.forward(z, 0, 2, w);
    Softmax.forward(z, 2, 2, w);
    for (int i = 0; i < D; i++) {
      for (int j = 0; j < D; j++) {
        int k = i ^ j;
        h[i * D + j] = w[k >> 1] * w[2 + (k & 1)];
      }
    }
  }

  @Override
  public void backward(double[] gh, double[] gz) {
    for (int k = 0; k < D; k++) {
      gz[k] = 0;
    }
    for (int i = 0; i < D; i++) {
      for (int j = 0; j < D; j++) {
        int k = i ^ j;
        gz[k >> 1] += gh[i * D + j] * w[2 + (k & 1)];
        gz[2 + (k & 1)] += gh[i * D + j] * w[k >> 1];
      }
    }
    Softmax.backward(w, 0, 2, gz);
    Softmax.backward(w, 2, 2, gz);
  }
}
