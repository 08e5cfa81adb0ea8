package birkhoff.transformer.metrics;

/** An exponential moving average with its start corrected. Not thread-safe. */
final class Smoothing {
  private final double keep;
  private double sum;
  private double weight;

  /** Keeps that share of the past with every number. */
  Smoothing(double keep) {
    this.keep = keep;
  }

  /** The average with one more number. */
  double add(double number) {
    sum = keep * sum + (1 - keep) * number;
    weight = keep * weight + (1 - keep);
    return sum / weight;
  }
}
