package birkhoff.tests.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import birkhoff.transformer.experiment.spectra.Family;
import birkhoff.transformer.experiment.spectra.Family.Orthogonal;
import birkhoff.transformer.experiment.spectra.Orthostochastic;
import birkhoff.transformer.experiment.spectra.ReachCase;
import birkhoff.transformer.experiment.spectra.ReachCase.Closest;
import birkhoff.transformer.experiment.spectra.ReachResult;
import birkhoff.transformer.experiment.spectra.Reached;
import birkhoff.transformer.experiment.spectra.SkewExponential;
import birkhoff.transformer.experiment.spectra.SpectralReach;
import birkhoff.transformer.experiment.spectra.Spectrum;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The experiment with few targets. */
class SpectraReachTest {
  private static ReachResult run(Family family, int d, int s, int steps, int targets) {
    return new SpectralReach(targets, 42, 1)
        .run(new ReachCase(d, family, s, Orthogonal.EXP, Closest.ANY, steps), () -> false);
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void threadsDoNotMatter(Family family) {
    int s = family.hasBlocks() ? 2 : 0;
    ReachCase what = new ReachCase(4, family, s, Orthogonal.EXP, Closest.FREE, 30);
    ReachResult one = new SpectralReach(50, 7, 1).run(what, () -> false);
    ReachResult two = new SpectralReach(50, 7, 2).run(what, () -> false);
    ReachResult other = new SpectralReach(50, 8, 2).run(what, () -> false);
    assertThat(one.reached()).isEqualTo(two.reached());
    assertThat(one.reached()).isNotEqualTo(other.reached());
    assertThat(one.gap()).isEqualTo(two.gap());
    assertThat(one.reached().total()).isEqualTo(50 * 31 * 4);
    assertThat(one.cellsReached()).isEqualTo(one.reached().cells(true));
  }

  @Test
  void kroneckerProductsAreReal() {
    Reached reached = run(Family.KROMHC, 4, 0, 100, 100).reached();
    for (int j = 0; j < Reached.CELLS; j++) {
      for (int i = 0; i < Reached.CELLS; i++) {
        assertThat(2 * j + 1 == Reached.CELLS || reached.count(i, j) == 0)
            .as("cell %d, %d", i, j)
            .isTrue();
      }
    }
    assertThat(reached.leaks()).isZero();
  }

  @Test
  void exactFamiliesStayInTheRegion() {
    for (int d = 3; d <= 4; d++) {
      assertThat(run(Family.GO_MHC, d, 1, 30, 200).reached().farthest()).isLessThan(1e-6);
      assertThat(run(Family.GO_MHC, d, 2, 30, 200).reached().farthest()).isLessThan(1e-6);
      assertThat(run(Family.MHC_LITE, d, 0, 30, 200).reached().farthest()).isLessThan(1e-6);
    }
  }

  /**
   * Squares of the entries of rotations about (1, 1, 1) are circulant, with the eigenvalues {@code
   * (2e^{iθ} + e^{-2iθ})/3}: a deltoid, which is 1/6 from the middle of the triangle's edges.
   */
  @Test
  void rotationsAboutTheDiagonalDrawTheDeltoid() {
    Spectrum spectrum = new Spectrum(3);
    double[] h = new double[9];
    for (double angle = 0.1; angle < 3.1; angle += 0.5) {
      double t = angle / Math.sqrt(3);
      new Orthostochastic(3, 1, new SkewExponential(3)).forward(new double[] {-t, t, -t}, h);
      spectrum.of(h);
      double x = (2 * Math.cos(angle) + Math.cos(2 * angle)) / 3;
      double y = Math.abs(2 * Math.sin(angle) - Math.sin(2 * angle)) / 3;
      assertThat(spectrum.re(1)).isCloseTo(x, within(1e-12));
      assertThat(Math.abs(spectrum.im(1))).isCloseTo(y, within(1e-7));
    }
  }

  @Test
  void largerBlocksReachMore() {
    ReachResult one = run(Family.GO_MHC, 3, 1, 60, 400);
    ReachResult two = run(Family.GO_MHC, 3, 2, 60, 400);
    assertThat(two.share()).isGreaterThan(one.share() + 0.05);
    assertThat(one.edgeGap()).isCloseTo(1.0 / 6, within(0.01));
    assertThat(two.edgeGap()).isLessThan(0.05);
  }

  @Test
  void aStoppedRunHasNoResult() {
    ReachCase what = new ReachCase(3, Family.MHC, 0, Orthogonal.EXP, Closest.ANY, 250);
    assertThat(new SpectralReach(10_000, 1, 2).run(what, () -> true)).isNull();
  }

  @Test
  void casesThatAreNoneAreRefused() {
    assertThatThrownBy(() -> new ReachCase(3, Family.KROMHC, 0, Orthogonal.EXP, Closest.ANY, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ReachCase(3, Family.GO_MHC, 0, Orthogonal.EXP, Closest.ANY, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
