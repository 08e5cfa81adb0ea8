package birkhoff.transformer.experiment.spectra;

import java.util.ArrayList;
import java.util.List;

/** mHC-lite (arXiv 2601.05732): a softmax over all d! permutation matrices. */
public final class PermutationMix implements MatrixMap {
  private final int d;
  private final int[][] permutations;
  private final double[] weights;

  /** All permutations of {@code d} streams. */
  public PermutationMix(int d) {
    this.d = d;
    List<int[]> all = new ArrayList<>();
    collect(new int[d], 0, all);
    permutations = all.toArray(int[][]::new);
    weights = new double[permutations.length];
  }

  private static void collect(int[] chosen, int length, List<int[]> all) {
    if (length == chosen.length) {
      all.add(chosen.clone());
      return;
    }
    for (int next = 0; next < chosen.length; next++) {
      boolean free = true;
      for (int i = 0; i < length; i++) {
        free &= chosen[i] != next;
      }
      if (free) {
        chosen[length] = next;
        collect(chosen, length + 1, all);
      }
    }
  }

  @Override
  public int parameters() {
    return permutations.length;
  }

  @Override
  public void forward(double[] z, double[] h) {
    Softmax.forward(z, 0, weights.length, weights);
    for (int i = 0; i < d * d; i++) {
      h[i] = 0;
    }
    for (int k = 0; k < weights.length; k++) {
      for (int i = 0; i < d; i++) {
        h[i * d + permutations[k][i]] += weights[k];
      }
    }
  }

  @Override
  public void backward(double[] gh, double[] gz) {
    for (int k = 0; k < weights.length; k++) {
      double g = 0;
      for (int i = 0; i < d; i++) {
        g += gh[i * d + permutations[k][i]];
      }
      gz[k] = g;
    }
    Softmax.backward(weights, 0, weights.length, gz);
  }
}
