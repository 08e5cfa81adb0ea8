package birkhoff.tests.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import birkhoff.engine.kernel.MixerShape.Cayley;
import birkhoff.engine.kernel.scalar.ScalarMixers;
import birkhoff.engine.tensor.DType;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Known values and gradients of generalized orthostochastic matrices. */
class MixingVectorsTest {
  /** A kernel and what its storage type lets one ask of it. */
  record Subject(String name, java.util.function.Function<Cayley, MixerProbe> of, double eps) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Subject> subjects() {
    return Stream.of(
        new Subject(
            "scalar float64",
            shape -> new MixerProbe(new ScalarMixers(DType.FLOAT64), DType.FLOAT64, shape),
            6e-11),
        new Subject(
            "scalar float32",
            shape -> new MixerProbe(new ScalarMixers(DType.FLOAT32), DType.FLOAT32, shape),
            1e-6));
  }

  private static void close(double[] actual, double within, double... expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).as("element %d", i).isCloseTo(expected[i], offset(within));
    }
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void twoStreams(Subject k) {
    MixerProbe p = k.of.apply(new Cayley(2, 1));
    close(p.mixer(1.0 / 3), k.eps, .64, .36, .36, .64);
    close(p.mixer(1), k.eps, 0, 1, 1, 0);
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void threeStreams(Subject k) {
    MixerProbe p = k.of.apply(new Cayley(3, 1));
    close(p.mixer(-1, 1, -1), k.eps, 0, 1, 0, 0, 0, 1, 1, 0, 0);
    close(
        p.mixer(.5, -.25, .75),
        k.eps,
        .4444444444,
        .1111111111,
        .4444444444,
        .5377777778,
        .0177777778,
        .4444444444,
        .0177777778,
        .8711111111,
        .1111111111);
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void twoStreamsInBlocksOfTwo(Subject k) {
    MixerProbe p = k.of.apply(new Cayley(2, 2));
    double[] z = {.1, .2, .3, .4, .5, .6};
    close(p.mixer(z), k.eps, .5943700708, .4056299292, .4056299292, .5943700708);
    close(
        p.gradient(z, new double[] {1, 2, 3, 5}),
        k.eps,
        0.0382593113,
        -0.0972655852,
        -0.222317356,
        -0.2809178414,
        -0.3129378126,
        0.1571733869);
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void fourStreamsInBlocksOfTwo(Subject k) {
    MixerProbe p = k.of.apply(new Cayley(4, 2));
    double[] z =
        IntStream.range(0, 28)
            .mapToDouble(i -> (i % 2 == 0 ? 1 : -1) * .05 * (i % 7 + 1))
            .toArray();
    double[] h = p.mixer(z);
    close(
        h,
        k.eps,
        .6116762582,
        .0621217947,
        .1836351484,
        .1425667987,
        .1003884942,
        .6584543609,
        .1323398558,
        .1088172891,
        .0862217089,
        .1487565891,
        .5021252387,
        .2628964633,
        .2017135387,
        .1306672553,
        .1818997572,
        .4857194489);
    double[] g = {0, .2, .4, .1, .1, .4, .2, .5, .4, .3, .7, .6, .4, .4, .9, .9};
    double loss = IntStream.range(0, 16).mapToDouble(i -> g[i] * h[i]).sum();
    assertThat(loss).isCloseTo(1.7765831160, offset(10 * k.eps));
    close(
        p.gradient(z, g),
        5e-9 + k.eps,
        -.00038516,
        .01236938,
        -.03315769,
        -.12260446,
        .12201777,
        .03393630,
        -.08571501,
        .00017827,
        -.01651102,
        -.09497086,
        .10480644,
        .02662223,
        -.08586636,
        -.05214517,
        .05256912,
        .14701339,
        .01710838,
        .09407353,
        -.23492821,
        .21141258,
        -.12061829,
        -.09517422,
        .02757755,
        -.05342089,
        -.00967007,
        .02092977,
        .04545318,
        -.04136225);
  }
}
