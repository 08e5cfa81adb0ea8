package birkhoff.tests.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import birkhoff.engine.rng.BoxMuller;
import birkhoff.engine.rng.Distributions;
import birkhoff.engine.rng.DropoutMask;
import birkhoff.engine.rng.Philox;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class RandomNumbersTest {
  private static final int N = 200_000;

  /** Known answers of the authors' Random123 distribution. */
  @Test
  void philoxGivesThePublishedWords() {
    assertThat(philox(0, 0, 0)).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    assertThat(philox(-1, -1, -1)).containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    assertThat(philox(0x299f31d0_a4093822L, 0x85a308d3_243f6a88L, 0x03707344_13198a2eL))
        .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
  }

  private static int[] philox(long key, long counterLo, long counterHi) {
    int[] out = new int[4];
    Philox.block(key, counterLo, counterHi, out);
    return out;
  }

  @Test
  void derivedKeysDiffer() {
    assertThat(Philox.derive(1, 2, 3))
        .isEqualTo(Philox.derive(1, 2, 3))
        .isNotEqualTo(Philox.derive(1, 3, 2))
        .isNotEqualTo(Philox.derive(2, 2, 3));
  }

  @Test
  void seriesAgreeWithTheLibrary() {
    double ulp = 0x1p-53;
    double[] edges = {ulp, 2 * ulp, 0.25, 0.5, Math.sqrt(0.5), 0.75, 1 - ulp, 1};
    for (int i = 0; i < N; i++) {
      double u = i < edges.length ? edges[i] : Distributions.uniform(5, 6, i) + ulp;
      assertThat(ulps(BoxMuller.log(u), StrictMath.log(u))).isLessThanOrEqualTo(2);
      assertThat(BoxMuller.radius(u)).isEqualTo(Math.sqrt(-2 * BoxMuller.log(u)));
      double t = u - ulp;
      int quarter = BoxMuller.quarter(t);
      double x = BoxMuller.rest(t, quarter);
      double sine = BoxMuller.sine(x);
      double cosine = BoxMuller.cosine(x);
      assertThat(ulps(sine, StrictMath.sin(x))).isLessThanOrEqualTo(1);
      assertThat(ulps(cosine, StrictMath.cos(x))).isLessThanOrEqualTo(1);
      // Here the library's argument has an error of up to 7e-16.
      double angle = 2 * Math.PI * t;
      assertThat(Math.abs(BoxMuller.turned(quarter, sine, cosine) - StrictMath.cos(angle)))
          .isLessThan(1e-15);
      assertThat(Math.abs(BoxMuller.turned(quarter + 3, sine, cosine) - StrictMath.sin(angle)))
          .isLessThan(1e-15);
    }
  }

  private static double ulps(double actual, double expected) {
    return Math.abs(actual - expected) / Math.ulp(expected);
  }

  /** Bounds are five standard deviations of the estimator. */
  @Test
  void normalHasItsMoments() {
    double[] sums = new double[5];
    for (int i = 0; i < N; i++) {
      double v = Distributions.normal(7, 3, i);
      for (int k = 1; k <= 4; k++) {
        sums[k] += Math.pow(v, k) / N;
      }
    }
    assertThat(sums[1]).isCloseTo(0, within(5 / Math.sqrt(N)));
    assertThat(sums[2]).isCloseTo(1, within(5 * Math.sqrt(2.0 / N)));
    assertThat(sums[3]).isCloseTo(0, within(5 * Math.sqrt(15.0 / N)));
    assertThat(sums[4]).isCloseTo(3, within(5 * Math.sqrt(96.0 / N)));
  }

  @Test
  void uniformIsFlat() {
    int[] bins = new int[64];
    for (int i = 0; i < N; i++) {
      double v = Distributions.uniform(7, 4, i);
      assertThat(v).isGreaterThanOrEqualTo(0).isLessThan(1);
      bins[(int) (v * bins.length)]++;
    }
    double chiSquare = 0;
    double expected = (double) N / bins.length;
    for (int b : bins) {
      chiSquare += (b - expected) * (b - expected) / expected;
    }
    // 63 degrees of freedom: mean 63, standard deviation 11.2.
    assertThat(chiSquare).isBetween(20.0, 120.0);
  }

  @Test
  void belowCoversItsRange() {
    int[] seen = new int[7];
    for (int i = 0; i < 7000; i++) {
      seen[(int) Distributions.below(7, 1, 2, i)]++;
    }
    for (int n : seen) {
      assertThat(n).isBetween(840, 1160);
    }
    assertThatThrownBy(() -> Distributions.below(0, 1, 2, 3)).hasMessageContaining("bound 0");
  }

  @Test
  void aRangeMayBeFilledInPieces() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment whole = arena.allocate(101 * 8, 64);
      MemorySegment pieces = arena.allocate(101 * 8, 64);
      Distributions.fillNormal(whole, DType.FLOAT64, 2, 0.5, 9, 1, 0, 101);
      for (int[] range : new int[][] {{57, 101}, {0, 1}, {1, 57}, {5, 5}}) {
        Distributions.fillNormal(pieces, DType.FLOAT64, 2, 0.5, 9, 1, range[0], range[1]);
      }
      assertThat(pieces.mismatch(whole)).isEqualTo(-1);
      for (int i = 0; i < 101; i++) {
        double v = whole.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        assertThat(v).isEqualTo(2 + 0.5 * Distributions.normal(9, 1, i));
      }
    }
  }

  @Test
  void dropoutThresholdIsAProbability() {
    assertThat(DropoutMask.threshold(0)).isZero();
    assertThat(DropoutMask.threshold(0.25)).isEqualTo(1L << 30);
    assertThat(DropoutMask.threshold(1)).isEqualTo(1L << 32);
    assertThatThrownBy(() -> DropoutMask.threshold(-0.1)).hasMessageContaining("-0.1");
    assertThatThrownBy(() -> DropoutMask.threshold(Double.NaN)).hasMessageContaining("NaN");
  }
}
