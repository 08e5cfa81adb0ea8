package birkhoff.tests.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import birkhoff.transformer.experiment.synthetic.QuadraticLoss;
import birkhoff.transformer.experiment.synthetic.StreamData;
import birkhoff.transformer.experiment.synthetic.SyntheticCase;
import birkhoff.transformer.experiment.synthetic.SyntheticExperiment;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loss and gradient from moments, against the sums over all samples that they stand for. */
class QuadraticLossTest {
  /** Sizes that do and do not divide by the unrolled four, and odd numbers of problems. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 8, 11})
  void equalsTheDirectSums(int d) {
    var settings = Synthetic.settings("go_mhc").streams(d).problems(5 + d).samples(17).make();
    StreamData data = StreamData.draw(settings, SyntheticExperiment.plan(settings).getFirst());
    int problems = data.problems();
    int entries = d * d * problems;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment h = arena.allocate(ValueLayout.JAVA_FLOAT, entries);
      MemorySegment g = arena.allocate(ValueLayout.JAVA_FLOAT, entries);
      var random = new Random(d);
      for (int k = 0; k < entries; k++) {
        h.setAtIndex(ValueLayout.JAVA_FLOAT, k, random.nextFloat());
      }
      double loss = new QuadraticLoss(data).evaluate(h, g);
      double[] gradient = new double[entries];
      double direct = direct(data, h, gradient);
      assertThat(loss).isCloseTo(direct, within(1e-11 * direct));
      for (int k = 0; k < entries; k++) {
        assertThat((double) g.getAtIndex(ValueLayout.JAVA_FLOAT, k))
            .as("gradient %d", k)
            .isCloseTo(gradient[k], within(1e-7 * Math.abs(gradient[k]) + 1e-12));
      }
    }
  }

  private static double direct(StreamData data, MemorySegment h, double[] gradient) {
    int d = data.streams();
    int problems = data.problems();
    double sum = 0;
    for (int b = 0; b < problems; b++) {
      for (int n = 0; n < data.samples(); n++) {
        int row = (b * data.samples() + n) * d;
        for (int i = 0; i < d; i++) {
          double rest = -data.y()[row + i];
          for (int j = 0; j < d; j++) {
            long entry = (long) (i * d + j) * problems + b;
            rest += h.getAtIndex(ValueLayout.JAVA_FLOAT, entry) * data.x()[row + j];
          }
          sum += rest * rest / data.x().length;
          for (int j = 0; j < d; j++) {
            gradient[(i * d + j) * problems + b] += 2 * rest * data.x()[row + j] / data.x().length;
          }
        }
      }
    }
    return sum;
  }

  /** What the notebook does by accident. */
  @Test
  void theQuirkMultipliesInputsByTheStreams() {
    var plain = Synthetic.settings("go_mhc").streams(4).quirk(false).make();
    var quirk = Synthetic.settings("go_mhc").streams(4).quirk(true).make();
    SyntheticCase which = SyntheticExperiment.plan(plain).getFirst();
    double[] x = StreamData.draw(plain, which).x();
    double[] scaled = StreamData.draw(quirk, which).x();
    for (int k = 0; k < x.length; k++) {
      assertThat(x[k]).isBetween(0.0, 1.0);
      assertThat(scaled[k]).isEqualTo(4 * x[k]);
    }
  }

  /** Without noise y is what a doubly stochastic matrix makes of x: the sums stay. */
  @Test
  void targetsAreDoublyStochastic() {
    var settings = Synthetic.settings("go_mhc").streams(5).noise(0).make();
    StreamData data = StreamData.draw(settings, SyntheticExperiment.plan(settings).getFirst());
    for (int row = 0; row < data.x().length; row += 5) {
      double x = 0;
      double y = 0;
      for (int j = 0; j < 5; j++) {
        x += data.x()[row + j];
        y += data.y()[row + j];
      }
      assertThat(y).isCloseTo(x, within(1e-4));
    }
  }

  /** Each method has inputs of its own; both conventions of one have the same. */
  @Test
  void everyMethodHasItsOwnDraw() {
    var settings = Synthetic.settings("go_mhc", "mhc_lite").streams(3).make();
    var cases = SyntheticExperiment.plan(settings);
    assertThat(cases).hasSize(3);
    double[] full = StreamData.draw(settings, cases.get(0)).x();
    double[] triangle = StreamData.draw(settings, cases.get(1)).x();
    double[] lite = StreamData.draw(settings, cases.get(2)).x();
    assertThat(triangle).isEqualTo(full);
    assertThat(lite).isNotEqualTo(full);
  }
}
