package birkhoff.transformer.experiment.spectra;

/**
 * {@code Q = (I-A)(I+A)⁻¹ = 2(I+A)⁻¹ - I}, equation (9) of arXiv 2604.02309. The symmetric part of
 * {@code I+A} and of all its Schur complements is at least I, so elimination needs no pivoting.
 */
public final class CayleyTransform implements SkewMap {
  private final int n;
  private final double[] inverse;
  private final double[] transposed;
  private final double[] product;

  /** For matrices of size {@code n}. */
  public CayleyTransform(int n) {
    this.n = n;
    inverse = new double[n * n];
    transposed = new double[n * n];
    product = new double[n * n];
  }

  @Override
  public void forward(double[] a, double[] q) {
    System.arraycopy(a, 0, inverse, 0, n * n);
    SmallMatrix.addDiagonal(n, inverse, 1);
    invert();
    System.arraycopy(inverse, 0, q, 0, n * n);
    SmallMatrix.scale(n, q, 2);
    SmallMatrix.addDiagonal(n, q, -1);
  }

  /** Gauss and Jordan, in place. */
  private void invert() {
    for (int k = 0; k < n; k++) {
      double pivot = 1 / inverse[k * n + k];
      inverse[k * n + k] = 1;
      for (int j = 0; j < n; j++) {
        inverse[k * n + j] *= pivot;
      }
      for (int i = 0; i < n; i++) {
        if (i != k) {
          double factor = inverse[i * n + k];
          inverse[i * n + k] = 0;
          for (int j = 0; j < n; j++) {
            inverse[i * n + j] -= factor * inverse[k * n + j];
          }
        }
      }
    }
  }

  @Override
  public void backward(double[] gq, double[] ga) {
    // d(M) = -M·dA·M for M = (I+A)⁻¹.
    SmallMatrix.transpose(n, inverse, transposed);
    SmallMatrix.multiply(n, transposed, gq, product);
    SmallMatrix.multiply(n, product, transposed, ga);
    SmallMatrix.scale(n, ga, -2);
  }
}
