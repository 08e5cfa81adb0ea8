package birkhoff.transformer.experiment.synthetic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The mean squared error of {@code H·x} against y for all samples of all problems, and its
 * gradient, from second moments: with {@code S = Σ x·xᵀ}, {@code C = Σ y·xᵀ} and {@code c = Σ yᵀ·y}
 * of a problem its squared error is {@code Σ_ij H_ij ((H·S)_ij - 2 C_ij) + c}, and the gradient
 * {@code 2 (H·S - C)}. So the number of samples no longer matters. In double, where the difference
 * of large sums costs about five of sixteen digits.
 *
 * <p>Matrices lie {@code [d·d, problems]}, as mixers make them: the inner loops run over problems,
 * which the JIT turns into SIMD lanes. Not thread-safe.
 */
public final class QuadraticLoss {
  private final int d;
  private final int problems;
  private final double count;
  private final double[][] inputs;
  private final double[][] products;
  private final double[] constant;
  private final double[][] h;
  private final double[] hs;
  private final double[] errors;
  private final float[] narrow;

  /** Works out the moments. */
  public QuadraticLoss(StreamData data) {
    this.d = data.streams();
    this.problems = data.problems();
    this.count = (double) data.x().length;
    this.inputs = new double[d * d][problems];
    this.products = new double[d * d][problems];
    this.constant = new double[problems];
    this.h = new double[d * d][problems];
    this.hs = new double[problems];
    this.errors = new double[problems];
    this.narrow = new float[d * d * problems];
    double[] x = data.x();
    double[] y = data.y();
    for (int b = 0; b < problems; b++) {
      for (int n = 0; n < data.samples(); n++) {
        int row = (b * data.samples() + n) * d;
        for (int i = 0; i < d; i++) {
          constant[b] += y[row + i] * y[row + i];
          for (int j = 0; j < d; j++) {
            inputs[i * d + j][b] += x[row + i] * x[row + j];
            products[i * d + j][b] += y[row + i] * x[row + j];
          }
        }
      }
    }
  }

  /**
   * The loss of the mixers, and its gradient.
   *
   * @param mixers {@code h[d·d, problems]}, float32
   * @param gradient of the same shape, overwritten
   */
  public double evaluate(MemorySegment mixers, MemorySegment gradient) {
    MemorySegment.copy(mixers, ValueLayout.JAVA_FLOAT, 0, narrow, 0, narrow.length);
    for (int entry = 0; entry < h.length; entry++) {
      widen(narrow, entry * problems, h[entry]);
    }
    System.arraycopy(constant, 0, errors, 0, problems);
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        product(i, j);
        int entry = i * d + j;
        finish(h[entry], products[entry], hs, errors, narrow, entry * problems, 2 / count);
      }
    }
    MemorySegment.copy(narrow, 0, gradient, ValueLayout.JAVA_FLOAT, 0, narrow.length);
    double sum = 0;
    for (int b = 0; b < problems; b++) {
      sum += errors[b];
    }
    return sum / count;
  }

  /** Entry (i, j) of H·S, for all problems; four terms at a time to spare loads of the sums. */
  private void product(int i, int j) {
    Arrays.fill(hs, 0);
    int k = 0;
    for (; k + 3 < d; k += 4) {
      int a = i * d + k;
      int b = k * d + j;
      addFour(
          h[a],
          inputs[b],
          h[a + 1],
          inputs[b + d],
          h[a + 2],
          inputs[b + 2 * d],
          h[a + 3],
          inputs[b + 3 * d],
          hs);
    }
    for (; k < d; k++) {
      add(h[i * d + k], inputs[k * d + j], hs);
    }
  }

  // The JIT makes vectors of these loops because all arrays of doubles have one index.

  private static void widen(float[] from, int first, double[] to) {
    for (int t = 0; t < to.length; t++) {
      to[t] = from[first + t];
    }
  }

  private static void add(double[] a, double[] b, double[] sum) {
    for (int t = 0; t < sum.length; t++) {
      sum[t] += a[t] * b[t];
    }
  }

  private static void addFour(
      double[] a0,
      double[] b0,
      double[] a1,
      double[] b1,
      double[] a2,
      double[] b2,
      double[] a3,
      double[] b3,
      double[] sum) {
    for (int t = 0; t < sum.length; t++) {
      sum[t] += a0[t] * b0[t] + a1[t] * b1[t] + (a2[t] * b2[t] + a3[t] * b3[t]);
    }
  }

  private static void finish(
      double[] h,
      double[] products,
      double[] hs,
      double[] errors,
      float[] gradient,
      int first,
      double scale) {
    for (int t = 0; t < hs.length; t++) {
      double rest = hs[t] - products[t];
      errors[t] += h[t] * (rest - products[t]);
      gradient[first + t] = (float) (scale * rest);
    }
  }
}
