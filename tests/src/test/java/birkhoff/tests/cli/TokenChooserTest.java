package birkhoff.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.sample.RepetitionPenalty;
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
    double[] shares = shares(options(1, 0, 1, 7));
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
    double[] shares = shares(options(0.5, 0, 1, 7));
    // Squares 4 : 16 : 1 : 1.
    assertThat(Math.abs(shares[1] - 16.0 / 22)).isLessThan(0.01);
    assertThat(shares(options(0, 0, 1, 7))[1]).isEqualTo(1);
  }

  @Test
  void topKKeepsTheLikeliest() {
    double[] shares = shares(options(1, 2, 1, 7));
    assertThat(shares[2] + shares[3] + shares[4]).isZero();
    assertThat(Math.abs(shares[1] - 2.0 / 3)).isLessThan(0.01);
    assertThat(shares(options(1, 1, 1, 7))[1]).isEqualTo(1);
    assertThat(shares(options(1, 100, 1, 7))[3]).isPositive();
  }

  @Test
  void topPKeepsTheSmallestSetThatCovers() {
    assertThat(shares(options(1, 0, 0.5, 7))[1]).isEqualTo(1);
    double[] two = shares(options(1, 0, 0.6, 7));
    assertThat(two[0]).isPositive();
    assertThat(two[2] + two[3]).isZero();
    double[] tie = shares(options(1, 0, 0.8, 7));
    assertThat(tie[2]).isPositive();
    assertThat(tie[3]).isZero();
  }

  /** Top-k leaves two tokens, of which the first alone has two thirds. */
  @Test
  void topPCountsWhatTopKLeft() {
    assertThat(shares(options(1, 2, 0.66, 7))[1]).isEqualTo(1);
    assertThat(shares(options(1, 0, 0.66, 7))[0]).isPositive();
  }

  @Test
  void minPKeepsTokensNotMuchLessLikelyThanTheFirst() {
    SamplingOptions plain = SamplingOptions.of(1, 7);
    double[] half = shares(plain.withMinP(0.49));
    assertThat(half[0]).isPositive();
    assertThat(half[2] + half[3]).isZero();
    assertThat(shares(plain.withMinP(0.51))[1]).isEqualTo(1);
    assertThat(shares(plain.withMinP(0.24))[3]).isPositive();
    assertThat(shares(plain.withMinP(1))[1]).isEqualTo(1);
    // A quarter is a sixteenth at temperature 1/2.
    assertThat(shares(SamplingOptions.of(0.5, 7).withMinP(0.1))[2]).isZero();
  }

  @Test
  void whatIsInTheTextIsPenalizedOnceForEachToken() {
    var penalty = new RepetitionPenalty(2);
    float[] logits = {2, -2, 1, -1};
    penalty.apply(logits, new int[] {0, 1, 0, 3}, 3);
    assertThat(logits).containsExactly(1, -4, 1, -1);
    logits = new float[] {2, -2, 1, -1};
    penalty.apply(logits, new int[] {0, 1, 0, 3}, 4);
    assertThat(logits).containsExactly(1, -4, 1, -2);
    new RepetitionPenalty(1).apply(logits, new int[] {2}, 1);
    assertThat(logits).containsExactly(1, -4, 1, -2);
  }

  @Test
  void aDrawIsAFunctionOfSeedAndPosition() {
    var one = new TokenChooser(options(1, 0, 1, 7), 4);
    var two = new TokenChooser(options(1, 0, 1, 7), 4);
    var other = new TokenChooser(options(1, 0, 1, 8), 4);
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
    assertThatThrownBy(() -> options(-1, 0, 1, 0)).isInstanceOf(UsageException.class);
    assertThatThrownBy(() -> options(Double.NaN, 0, 1, 0)).isInstanceOf(UsageException.class);
    assertThatThrownBy(() -> options(1, -1, 1, 0)).isInstanceOf(UsageException.class);
    assertThatThrownBy(() -> options(1, 0, 0, 0)).isInstanceOf(UsageException.class);
    assertThatThrownBy(() -> options(1, 0, 1.1, 0)).isInstanceOf(UsageException.class);
    SamplingOptions plain = SamplingOptions.of(1, 0);
    assertThatThrownBy(() -> plain.withMinP(1.1)).hasMessageContaining("min_p=1.1");
    assertThatThrownBy(() -> plain.withRepetitionPenalty(0))
        .hasMessageContaining("repetition_penalty=0.0");
  }

  private static SamplingOptions options(double temperature, int topK, double topP, long seed) {
    return SamplingOptions.of(temperature, seed).withTopK(topK).withTopP(topP);
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
