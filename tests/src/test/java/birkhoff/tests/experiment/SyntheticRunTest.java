package birkhoff.tests.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.transformer.experiment.synthetic.SyntheticCase;
import birkhoff.transformer.experiment.synthetic.SyntheticCurve;
import birkhoff.transformer.experiment.synthetic.SyntheticExperiment;
import birkhoff.transformer.experiment.synthetic.SyntheticSettings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SyntheticRunTest {
  private static List<SyntheticCurve> run(SyntheticSettings settings, int threads) {
    return SyntheticExperiment.run(
            settings, SyntheticExperiment.plan(settings), threads, () -> false, c -> {})
        .orElseThrow();
  }

  @Test
  void goMhcReachesTheMinimumAndKroneckerProductsDoNot() {
    var settings = Synthetic.settings("go_mhc", "kromhc").epochs(2500).make();
    List<SyntheticCurve> curves = run(settings, 2);
    SyntheticCurve full = curves.get(0);
    SyntheticCurve triangle = curves.get(1);
    SyntheticCurve kromhc = curves.get(2);
    assertThat(full.finalMse() / settings.minimum()).isBetween(0.96, 1.02);
    assertThat(triangle.finalMse() / settings.minimum()).isBetween(0.96, 1.02);
    assertThat(kromhc.finalMse()).isBetween(0.06, 0.09);
    // From the same start on the same data: twice the step, half the epochs.
    assertThat(full.losses()[0]).isEqualTo(triangle.losses()[0]);
    assertThat(full.losses()[0]).isBetween(0.15, 0.21);
    assertThat((double) triangle.epochsToConverge() / full.epochsToConverge()).isBetween(1.7, 2.3);
    assertThat(full.epochsToConverge()).isBetween(380, 640);
  }

  @Test
  void nothingDependsOnTheThreads() {
    var settings =
        Synthetic.settings("go_mhc", "mhc_lite", "kromhc", "mhc", "go_kromhc")
            .streams(2, 4)
            .epochs(60)
            .make();
    List<SyntheticCurve> one = run(settings, 1);
    List<SyntheticCurve> two = run(settings, 2);
    assertThat(one).hasSameSizeAs(two);
    for (int k = 0; k < one.size(); k++) {
      assertThat(two.get(k).which()).isEqualTo(one.get(k).which());
      assertThat(two.get(k).losses()).isEqualTo(one.get(k).losses());
      assertThat(one.get(k).finalMse()).isLessThan(one.get(k).losses()[0]);
    }
  }

  @Test
  void convergenceIsTheFirstEpochNearTheLastLoss() {
    SyntheticCase which = SyntheticExperiment.plan(Synthetic.settings("go_mhc").make()).getFirst();
    double[] losses = {9, 1.06, 1.04, 1.2, 1};
    assertThat(new SyntheticCurve(which, 1, losses, 1).epochsToConverge()).isEqualTo(2);
  }

  @Test
  void methodsRunWhereTheyCan() {
    var settings = Synthetic.settings("mhc_lite", "kromhc", "go_kromhc").streams(2, 6, 7, 8).make();
    var names = new ArrayList<String>();
    SyntheticExperiment.plan(settings).forEach(c -> names.add(c.streams() + " " + c.label()));
    assertThat(names)
        .containsExactly(
            "2 mhc_lite",
            "6 mhc_lite",
            "2 kromhc 2",
            "8 kromhc 2x2x2",
            "6 go_kromhc 3x2 s=2 full",
            "6 go_kromhc 3x2 s=2 triangle",
            "8 go_kromhc 4x2 s=2 full",
            "8 go_kromhc 4x2 s=2 triangle");
  }

  @Test
  void aStopGivesNothing() {
    var settings = Synthetic.settings("go_mhc").epochs(1_000_000).make();
    assertThat(
            SyntheticExperiment.run(
                settings, SyntheticExperiment.plan(settings), 1, () -> true, c -> {}))
        .isEmpty();
  }
}
