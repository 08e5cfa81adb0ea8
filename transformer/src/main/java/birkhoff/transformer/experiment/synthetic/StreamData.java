package birkhoff.transformer.experiment.synthetic;

import birkhoff.engine.rng.Distributions;
import birkhoff.engine.rng.Philox;

/**
 * Inputs and outputs of the stream-mixing task: {@code y = T·x + noise·U(0, 1)} for matrices T that
 * are doubly stochastic up to 20 rounds of normalisation, and x of U(0, 1), times d with the
 * notebook's quirk.
 *
 * @param problems B
 * @param samples N
 * @param streams d
 * @param x inputs, {@code [B, N, d]}
 * @param y outputs, {@code [B, N, d]}
 */
@SuppressWarnings("ArrayRecordComponent") // made once, read by the moments
public record StreamData(int problems, int samples, int streams, double[] x, double[] y) {
  private static final int ROUNDS = 20;
  private static final int TARGET = 0;
  private static final int INPUT = 1;
  private static final int NOISE = 2;

  /**
   * Draws the data of a case. The targets depend on seed and d alone, inputs and noise on the
   * method too.
   */
  public static StreamData draw(SyntheticSettings settings, SyntheticCase which) {
    int d = which.streams();
    int samples = settings.samples();
    int problems = settings.problems();
    long seed = which.seed();
    long own = Philox.derive(seed, which.draw().hashCode(), d);
    double scale = settings.quirk() ? d : 1;
    double[] x = new double[problems * samples * d];
    double[] y = new double[x.length];
    double[] target = new double[d * d];
    for (int b = 0; b < problems; b++) {
      for (int k = 0; k < target.length; k++) {
        target[k] = Distributions.uniform(Philox.derive(seed, d, -1), TARGET, (long) b * d * d + k);
      }
      normalise(target, d);
      for (int n = 0; n < samples; n++) {
        int row = (b * samples + n) * d;
        for (int j = 0; j < d; j++) {
          x[row + j] = scale * Distributions.uniform(own, INPUT, row + j);
        }
        for (int i = 0; i < d; i++) {
          double sum = settings.noise() * Distributions.uniform(own, NOISE, row + i);
          for (int j = 0; j < d; j++) {
            sum += target[i * d + j] * x[row + j];
          }
          y[row + i] = sum;
        }
      }
    }
    return new StreamData(problems, samples, d, x, y);
  }

  /** Rows, then columns, divided by their sums. */
  private static void normalise(double[] m, int d) {
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < d; i++) {
        divideBySum(m, i * d, 1, d);
      }
      for (int j = 0; j < d; j++) {
        divideBySum(m, j, d, d);
      }
    }
  }

  private static void divideBySum(double[] m, int first, int step, int count) {
    double sum = 0;
    for (int k = 0; k < count; k++) {
      sum += m[first + k * step];
    }
    for (int k = 0; k < count; k++) {
      m[first + k * step] /= sum;
    }
  }
}
