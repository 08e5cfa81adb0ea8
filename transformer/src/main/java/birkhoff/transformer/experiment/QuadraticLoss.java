package birkhoff.transformer.experiment;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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
  private final double[] inputs;
  private final double[] products;
  private final double[] constant;
  private final double[] h;
  private final double[] hs;
  private final double[] errors;
  private final float[] narrow;

  /** Works out the moments. */
  public QuadraticLoss(StreamData data) {
    this.d = data.streams();
    this.problems = data.problems();
    this.count = (double) data.x().length;
    this.inputs = new double[d * d * problems];
    this.products = new double[d * d * problems];
    this.constant = new double[problems];
    this.h = new double[d * d * problems];
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
            inputs[(i * d + j) * problems + b] += x[row + i] * x[row + j];
            products[(i * d + j) * problems + b] += y[row + i] * x[row + j];
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
    widen(narrow, h);
    System.arraycopy(constant, 0, errors, 0, problems);
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        product(i, j);
        int entry = (i * d + j) * problems;
        finish(h, products, entry, hs, errors, narrow, 2 / count);
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
    int k = 0;
    java.util.Arrays.fill(hs, 0);
    for (; k + 3 < d; k += 4) {
      addFour(h, (i * d + k) * problems, inputs, (k * d + j) * problems, d * problems, hs);
    }
    for (; k < d; k++) {
      add(h, (i * d + k) * problems, inputs, (k * d + j) * problems, hs);
    }
  }

  private static void widen(float[] from, double[] to) {
    for (int t = 0; t < to.length; t++) {
      to[t] = from[t];
    }
  }

  private static void add(double[] a, int first, double[] b, int second, double[] sum) {
    for (int t = 0; t < sum.length; t++) {
      sum[t] += a[first + t] * b[second + t];
    }
  }

  private static void addFour(
      double[] a, int first, double[] b, int second, int stride, double[] sum) {
    int lanes = sum.length;
    int first1 = first + lanes;
    int first2 = first1 + lanes;
    int first3 = first2 + lanes;
    int second1 = second + stride;
    int second2 = second1 + stride;
    int second3 = second2 + stride;
    for (int t = 0; t < lanes; t++) {
      sum[t] +=
          a[first + t] * b[second + t]
              + a[first1 + t] * b[second1 + t]
              + (a[first2 + t] * b[second2 + t] + a[first3 + t] * b[second3 + t]);
    }
  }

  private static void finish(
      double[] h,
      double[] products,
      int entry,
      double[] hs,
      double[] errors,
      float[] gradient,
      double scale) {
    for (int t = 0; t < hs.length; t++) {
      double rest = hs[t] - products[entry + t];
      errors[t] += h[entry + t] * (rest - products[entry + t]);
      gradient[entry + t] = (float) (scale * rest);
    }
  }
}
