package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.kernel.PermutationTable;
import java.util.Arrays;

/** {@code H = Σ_k w_k P_k} with {@code w = softmax(z)}. */
final class ScalarPermutations implements TokenMap {
  private final int d;
  private final PermutationTable table;
  private final double[] w;

  ScalarPermutations(MixerShape.Permutations shape) {
    this.d = shape.d();
    this.table = PermutationTable.of(shape);
    this.w = new double[shape.parameters()];
  }

  private void weights(double[] z) {
    double most = Arrays.stream(z).max().orElseThrow();
    double total = 0;
    for (int k = 0; k < w.length; k++) {
      w[k] = Math.exp(z[k] - most);
      total += w[k];
    }
    for (int k = 0; k < w.length; k++) {
      w[k] /= total;
    }
  }

  @Override
  public void mix(double[] z, double[] h) {
    weights(z);
    Arrays.fill(h, 0);
    for (int k = 0; k < w.length; k++) {
      for (int i = 0; i < d; i++) {
        h[table.place(k, i)] += w[k];
      }
    }
  }

  /** With {@code g_k = <gh, P_k>}: {@code gz_k = w_k (g_k - Σ w g)}. */
  @Override
  public void vjp(double[] z, double[] gh, double[] gz) {
    weights(z);
    double mean = 0;
    for (int k = 0; k < w.length; k++) {
      gz[k] = 0;
      for (int i = 0; i < d; i++) {
        gz[k] += gh[table.place(k, i)];
      }
      mean += w[k] * gz[k];
    }
    for (int k = 0; k < w.length; k++) {
      gz[k] = w[k] * (gz[k] - mean);
    }
  }
}
