package birkhoff.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.sample.SamplingOptions;
import birkhoff.transformer.sample.TokenChooser;
import org.junit.jupiter.api.Test;

class TokenChooserTest {
  private static final int DRAWS = 40_000;

  /** Probabilities 0.5, 0.25, 0.125, 0.125, and padding that would otherwise win. */
  private static final float[] LOGITS = {
    (float) Math.log(0.25),
    (float) Math.log(0.5),
    (float) Math.log(0.125),
    (float) Math.log(0.125),
    99f
  };

  @Test
  void drawsFollowTheDistributionAndNeverThePadding() {
    double[] shares = shares(new SamplingOptions(1, 0, 1, 7));
    // Three standard deviations of the largest share.
    double tolerance = 3 * Math.sqrt(0.25 / DRAWS);
    double[] expected = {0.25, 0.5, 0.125, 0.125, 0};
    for (int i = 0; i < expected.length; i++) {
      assertThat(Math.abs(shares[i] - expected[i])).as("token " + i).isLessThan(tolerance);
    }
    assertThat(shares[4]).isZero();
  }

  @Test
  void temperatureSharpens() {
    double[] shares = shares(new SamplingOptions(0.5, 0, 1, 7));
    // Squares 4 : 16 : 1 : 1.
    assertThat(Math.abs(shares[1] - 16.0 / 22)).isLessThan(0.01);
    assertThat(shares(new SamplingOptions(0, 0, 1, 7))[1]).isEqualTo(1);
  }

  @Test
  void topKKeepsTheLikeliest() {
    double[] shares = shares(new SamplingOptions(1, 2, 1, 7));
    assertThat(shares[2] + shares[3] + shares[4]).isZero();
    assertThat(Math.abs(shares[1] - 2.0 / 3)).isLessThan(0.01);
    assertThat(shares(new SamplingOptions(1, 1, 1, 7))[1]).isEqualTo(1);
    assertThat(shares(new SamplingOptions(1, 100, 1, 7))[3]).isPositive();
  }

  @Test
  void topPKeepsTheSmallestSetThatCovers() {
    assertThat(shares(new SamplingOptions(1, 0, 0.5, 7))[1]).isEqualTo(1);
    double[] two = shares(new SamplingOptions(1, 0, 0.6, 7));
    assertThat(two[0]).isPositive();
    assertThat(two[2] + two[3]).isZero();
    double[] tie = shares(new SamplingOptions(1, 0, 0.8, 7));
    assertThat(tie[2]).isPositive();
    assertThat(tie[3]).isZero();
  }

  @Test
  void aDrawIsAFunctionOfSeedAndPosition() {
    var one = new TokenChooser(new SamplingOptions(1, 0, 1, 7), 4);
    var two = new TokenChooser(new SamplingOptions(1, 0, 1, 7), 4);
    var other = new TokenChooser(new SamplingOptions(1, 0, 1, 8), 4);
    int differences = 0;
    for (int position = 100; position >= 0; position--) {
      int token = one.choose(LOGITS, position);
      assertThat(two.choose(LOGITS, position)).isEqualTo(token);
      differences += other.choose(LOGITS, position) == token ? 0 : 1;
    }
    assertThat(differences).isGreaterThan(20);
  }

  @Test
  void valuesOutOfRangeAreUsageErrors() {
    assertThatThrownBy(() -> new SamplingOptions(-1, 0, 1, 0)).isInstanceOf(UsageException.class);
    assertThatThrownBy(() -> new SamplingOptions(Double.NaN, 0, 1, 0))
        .isInstanceOf(UsageException.class);
    assertThatThrownBy(() -> new SamplingOptions(1, -1, 1, 0)).isInstanceOf(UsageException.class);
    assertThatThrownBy(() -> new SamplingOptions(1, 0, 0, 0)).isInstanceOf(UsageException.class);
    assertThatThrownBy(() -> new SamplingOptions(1, 0, 1.1, 0)).isInstanceOf(UsageException.class);
  }

  private static double[] shares(SamplingOptions options) {
    var chooser = new TokenChooser(options, LOGITS.length - 1);
    double[] shares = new double[LOGITS.length];
    for (int i = 0; i < DRAWS; i++) {
      shares[chooser.choose(LOGITS, i)] += 1.0 / DRAWS;
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] = Math.round(shares[i] * DRAWS) / (double) DRAWS;
    }
    return shares;
  }
}
