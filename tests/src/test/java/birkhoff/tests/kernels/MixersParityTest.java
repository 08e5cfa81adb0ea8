package birkhoff.tests.kernels;

import static birkhoff.tests.support.RandomArrays.narrow;
import static birkhoff.tests.support.RandomArrays.normals;
import static birkhoff.tests.support.RandomArrays.widen;
import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.kernel.scalar.ScalarMixers;
import birkhoff.engine.kernel.vector.VectorMixers;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The vector kernels against the double reference on the same float32 operands. */
class MixersParityTest {
  private static final MixersRun EXACT =
      new MixersRun(new ScalarMixers(DType.FLOAT64), DType.FLOAT64, 1 << 20);

  private static MixersRun vector(int grain) {
    return new MixersRun(new VectorMixers(), DType.FLOAT32, grain);
  }

  /** Normal numbers that float32 holds exactly, so that both kernels see the same operands. */
  private static double[] draw(int n, double deviation, Object... key) {
    return widen(narrow(normals(Seeds.random(key), n, deviation)));
  }

  static Stream<MixerShape> shapes() {
    return Stream.of(
        new MixerShape.Cayley(1, 1),
        new MixerShape.Cayley(1, 3),
        new MixerShape.Cayley(2, 1),
        new MixerShape.Cayley(2, 2),
        new MixerShape.Cayley(3, 1),
        new MixerShape.Cayley(4, 1),
        new MixerShape.Cayley(4, 2),
        new MixerShape.Cayley(4, 3),
        new MixerShape.Cayley(5, 3),
        new MixerShape.Cayley(8, 2),
        new MixerShape.Cayley(9, 2),
        new MixerShape.Cayley(16, 1),
        new MixerShape.Cayley(16, 3),
        new MixerShape.Permutations(1),
        new MixerShape.Permutations(2),
        new MixerShape.Permutations(3),
        new MixerShape.Permutations(4),
        new MixerShape.Permutations(6),
        new MixerShape.Sinkhorn(1, 1),
        new MixerShape.Sinkhorn(2, 1),
        new MixerShape.Sinkhorn(3, 5),
        new MixerShape.Sinkhorn(4, 20),
        new MixerShape.Sinkhorn(5, 100),
        new MixerShape.Sinkhorn(16, 20),
        new MixerShape.Identity(1),
        new MixerShape.Identity(5));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void mix(MixerShape shape) {
    for (int tokens : new int[] {1, 7, 16, 33}) {
      for (double scale : new double[] {.016, .3, 1, 30, 1000}) {
        double[] z = draw(shape.parameters() * tokens, scale, "z", shape, tokens, scale);
        double[] gh = draw(shape.d() * shape.d() * tokens, 1, "gh", shape, tokens, scale);
        double[] h = EXACT.mix(shape, z, tokens);
        double[] gz = EXACT.mixVjp(shape, z, gh, tokens);
        for (int grain : new int[] {1024, 16, 7}) {
          MixersRun run = vector(grain);
          // H in double: one rounding, and elimination, whose entries grow like the square.
          Numeric.assertClose(
              shape + " h at " + scale,
              h,
              run.mix(shape, z, tokens),
              Bound.ulps(1).or(Bound.absolute(1e-9)),
              shape.d() * shape.d(),
              tokens);
          Numeric.assertClose(
              shape + " gz at " + scale,
              gz,
              run.mixVjp(shape, z, gh, tokens),
              gradientBound(shape, z, gh, tokens, scale),
              shape.parameters(),
              tokens);
          if (grain % 16 == 0 && shape.kept(tokens) > 0) {
            assertThat(run.keptVjp(shape, z, gh, tokens))
                .isEqualTo(run.mixVjp(shape, z, gh, tokens));
          }
        }
      }
    }
  }

  /**
   * In double but for the Cayley map, whose two products with M are in float: each takes entries of
   * M once, and no entry of Q is above 1.
   */
  private static Bound gradientBound(
      MixerShape shape, double[] z, double[] gh, int tokens, double scale) {
    if (shape instanceof MixerShape.Cayley(int d, int s)) {
      double m = largestOfInverse(d * s, z, tokens);
      double g = Arrays.stream(gh).map(Math::abs).max().orElse(0) * 2 / s;
      return Bound.absolute(m * m * d * s * 0x1p-23 * g);
    }
    return Bound.ulps(1)
        .or(Bound.relativeToLargest(1e-7))
        .or(Bound.absolute(1e-15 * Math.max(1, scale * scale)));
  }

  /** The largest entry of (I+A)^{-1} of any token, by Gauss-Jordan elimination. */
  private static double largestOfInverse(int n, double[] z, int tokens) {
    double largest = 0;
    for (int t = 0; t < tokens; t++) {
      double[][] m = new double[n][n];
      int e = t;
      for (int p = 0; p < n; p++) {
        m[p][p] = 1;
        for (int q = p + 1; q < n; q++, e += tokens) {
          m[p][q] = z[e];
          m[q][p] = -z[e];
        }
      }
      for (int k = 0; k < n; k++) {
        double pivot = m[k][k];
        m[k][k] = 1;
        for (int c = 0; c < n; c++) {
          m[k][c] /= pivot;
        }
        for (int r = 0; r < n; r++) {
          double f = m[r][k];
          if (r != k) {
            m[r][k] = 0;
            for (int c = 0; c < n; c++) {
              m[r][c] -= f * m[k][c];
            }
          }
        }
      }
      for (double[] row : m) {
        for (double v : row) {
          largest = Math.max(largest, Math.abs(v));
        }
      }
    }
    return largest;
  }

  @ParameterizedTest
  @CsvSource({"1,1,3", "1,4,16", "2,2,33", "3,1,17", "2,3,65", "4,4,5"})
  void kronecker(int a, int b, int tokens) {
    double[] left = draw(a * a * tokens, 1, "left", a, b, tokens);
    double[] right = draw(b * b * tokens, 1, "right", a, b, tokens);
    double[] gh = draw(a * a * b * b * tokens, 1, "gh", a, b, tokens);
    double[] h = EXACT.kronecker(a, b, left, right, tokens);
    List<double[]> gradients = EXACT.kroneckerVjp(a, b, left, right, gh, tokens);
    Bound sums = Bound.relativeToLargest(Bound.gamma(Math.max(a * a, b * b)));
    for (int grain : new int[] {1000, 16, 5}) {
      MixersRun run = vector(grain);
      Numeric.assertClose(
          "h", h, run.kronecker(a, b, left, right, tokens), Bound.ulps(.5), a * b, a * b, tokens);
      List<double[]> got = run.kroneckerVjp(a, b, left, right, gh, tokens);
      Numeric.assertClose("left", gradients.get(0), got.get(0), sums, a * a, tokens);
      Numeric.assertClose("right", gradients.get(1), got.get(1), sums, b * b, tokens);
    }
  }

  @ParameterizedTest
  @CsvSource({"1,3", "2,16", "5,33", "8,65"})
  void skewPart(int n, int tokens) {
    double[] theta = draw(n * n * tokens, 1, "theta", n, tokens);
    double[] gz = draw(n * (n - 1) / 2 * tokens, 1, "gz", n, tokens);
    double[] z = EXACT.skewPart(n, theta, tokens);
    double[] gtheta = EXACT.skewPartVjp(n, gz, tokens);
    for (int grain : new int[] {1000, 16, 5}) {
      MixersRun run = vector(grain);
      int p = n * (n - 1) / 2;
      Numeric.assertClose("z", z, run.skewPart(n, theta, tokens), Bound.ulps(.5), p, tokens);
      Numeric.assertClose(
          "gtheta", gtheta, run.skewPartVjp(n, gz, tokens), Bound.absolute(0), n * n, tokens);
    }
  }
}
