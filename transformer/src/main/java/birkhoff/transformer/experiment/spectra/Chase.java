package birkhoff.transformer.experiment.spectra;

import birkhoff.engine.rng.Distributions;
import birkhoff.engine.rng.Philox;
import java.util.Arrays;

/**
 * Sends one matrix after the other for its target: Adam (Kingma and Ba 2015) on the squared
 * distance from the target to the closest eigenvalue. All eigenvalues on the way are noted. Not
 * thread-safe.
 */
final class Chase {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  /** Stream of the targets' coordinates; they are the same for all cases. */
  private static final int TARGETS = 0;

  private static final int START = 0;

  private final ReachCase what;
  private final long seed;
  private final int firstFree;
  private final Reached reached;
  private final MatrixMap map;
  private final Spectrum spectrum;
  private final double[] z;
  private final double[] gz;
  private final double[] mean;
  private final double[] square;
  private final double[] h;
  private final double[] gh;

  /**
   * @param reached notes the eigenvalues
   */
  Chase(ReachCase what, long seed, Reached reached) {
    this.what = what;
    this.seed = seed;
    this.firstFree = what.closest() == ReachCase.Closest.ANY ? 0 : 1;
    this.reached = reached;
    map = what.map();
    spectrum = new Spectrum(what.d());
    int parameters = map.parameters();
    z = new double[parameters];
    gz = new double[parameters];
    mean = new double[parameters];
    square = new double[parameters];
    h = new double[what.d() * what.d()];
    gh = new double[h.length];
  }

  /** The target of number {@code index}: uniform in [-1, 1]². */
  static Region.Point target(long seed, int index) {
    return new Region.Point(
        2 * Distributions.uniform(seed, TARGETS, 2L * index) - 1,
        2 * Distributions.uniform(seed, TARGETS, 2L * index + 1) - 1);
  }

  void run(int index) {
    Region.Point target = target(seed, index);
    long key = Philox.derive(what.key(seed), index, 0);
    for (int i = 0; i < z.length; i++) {
      z[i] =
          what.family()
              .start(Distributions.uniform(key, START, i), Distributions.normal(key, START, i));
    }
    Arrays.fill(mean, 0);
    Arrays.fill(square, 0);
    double power1 = 1;
    double power2 = 1;
    for (int step = 0; ; step++) {
      map.forward(z, h);
      jitter(key, step + 1);
      spectrum.of(h);
      for (int k = 0; k < spectrum.size(); k++) {
        reached.add(spectrum.re(k), spectrum.im(k));
      }
      if (step == what.steps()) {
        return;
      }
      power1 *= BETA1;
      power2 *= BETA2;
      descend(target, 1 - power1, 1 - power2);
    }
  }

  private void jitter(long key, int stream) {
    double size = what.family().jitter();
    if (size > 0) {
      for (int i = 0; i < h.length; i++) {
        h[i] += size * Distributions.normal(key, stream, i);
      }
    }
  }

  private void descend(Region.Point target, double correction1, double correction2) {
    int closest = firstFree;
    double least = Double.POSITIVE_INFINITY;
    for (int k = firstFree; k < spectrum.size(); k++) {
      double x = spectrum.re(k) - target.x();
      double y = spectrum.im(k) - target.y();
      if (x * x + y * y < least) {
        least = x * x + y * y;
        closest = k;
      }
    }
    double scale = 2 * what.family().lossScale();
    spectrum.gradient(
        closest,
        scale * (spectrum.re(closest) - target.x()),
        scale * (spectrum.im(closest) - target.y()),
        gh);
    map.backward(gh, gz);
    double length = what.family().stepLength() / correction1;
    for (int i = 0; i < z.length; i++) {
      mean[i] = BETA1 * mean[i] + (1 - BETA1) * gz[i];
      square[i] = BETA2 * square[i] + (1 - BETA2) * gz[i] * gz[i];
      z[i] -= length * mean[i] / (Math.sqrt(square[i] / correction2) + EPSILON);
    }
  }
}
