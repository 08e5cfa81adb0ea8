package birkhoff.tests.experiment;

import birkhoff.transformer.experiment.synthetic.SyntheticSettings;
import java.util.Arrays;
import java.util.List;

/** Settings of short runs; s = 2. */
final class Synthetic {
  private final List<String> methods;
  private List<Integer> streams = List.of(4);
  private int epochs = 2;
  private int problems = 64;
  private int samples = 100;
  private double noise = 0.1;
  private boolean quirk = true;

  private Synthetic(List<String> methods) {
    this.methods = methods;
  }

  static Synthetic settings(String... methods) {
    return new Synthetic(List.of(methods));
  }

  Synthetic streams(int... d) {
    streams = Arrays.stream(d).boxed().toList();
    return this;
  }

  Synthetic epochs(int count) {
    epochs = count;
    return this;
  }

  Synthetic problems(int count) {
    problems = count;
    return this;
  }

  Synthetic samples(int count) {
    samples = count;
    return this;
  }

  Synthetic noise(double magnitude) {
    noise = magnitude;
    return this;
  }

  Synthetic quirk(boolean on) {
    quirk = on;
    return this;
  }

  SyntheticSettings make() {
    return new SyntheticSettings(
        streams,
        List.of(2),
        methods,
        List.of(SyntheticSettings.FULL, SyntheticSettings.TRIANGLE),
        List.of(2),
        epochs,
        noise,
        problems,
        samples,
        quirk,
        42,
        1);
  }
}
