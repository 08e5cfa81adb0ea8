package birkhoff.tests.support;

import birkhoff.engine.kernel.GemmShape;
import java.util.SplittableRandom;

/**
 * A random product with its result by plain loops in double.
 *
 * @param expected all of C, with the elements between the rows as they were
 * @param magnitudes Σ|α·a·b| + |β·c| of every element of C
 * @param start all of C before; NaN wherever it must not be read
 */
public record GemmCase(
    GemmShape shape,
    double alpha,
    double beta,
    double[] a,
    double[] b,
    double[] start,
    double[] expected,
    double[] magnitudes) {

  /** Values are exact in float32, so that one case serves both types. */
  public static GemmCase of(GemmShape s, double alpha, double beta) {
    SplittableRandom random = Seeds.random("gemm", s.toString(), alpha, beta);
    double[] a = values(random, s.extentA());
    double[] b = values(random, s.extentB());
    double[] start = values(random, s.extentC());
    double[] expected = start.clone();
    double[] magnitudes = new double[start.length];
    for (int q = 0; q < s.batch(); q++) {
      for (int i = 0; i < s.m(); i++) {
        for (int j = 0; j < s.n(); j++) {
          int at = (int) (q * s.strideC() + i * s.ldc() + j);
          double sum = 0;
          double magnitude = 0;
          for (int p = 0; p < s.k(); p++) {
            long ia = q * s.strideA() + (s.transA() ? p * s.lda() + i : i * s.lda() + p);
            long ib = q * s.strideB() + (s.transB() ? j * s.ldb() + p : p * s.ldb() + j);
            sum += a[(int) ia] * b[(int) ib];
            magnitude += Math.abs(a[(int) ia] * b[(int) ib]);
          }
          expected[at] = alpha * sum + (beta == 0 ? 0 : beta * start[at]);
          magnitudes[at] = Math.abs(alpha) * magnitude + Math.abs(beta * start[at]);
          if (beta == 0) {
            start[at] = Double.NaN;
          }
        }
      }
    }
    return new GemmCase(s, alpha, beta, a, b, start, expected, magnitudes);
  }

  private static double[] values(SplittableRandom random, long count) {
    return RandomArrays.widen(RandomArrays.floats(random, Math.toIntExact(count), 1));
  }
}
