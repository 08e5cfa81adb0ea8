package birkhoff.transformer.experiment.residuals;

import birkhoff.transformer.json.Json;
import birkhoff.transformer.report.Numbers;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Collection;

/**
 * A measured quantity over seeds.
 *
 * @param mean NaN for none
 * @param deviation sample standard deviation (n - 1); NaN for fewer than two values
 * @param n values
 */
public record Spread(double mean, double deviation, int n) {
  /** Student's t for a two-sided 95 % interval, for 1, 2, … degrees of freedom. */
  private static final double[] T95 = {12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23};

  /** The finite ones of the values. */
  public static Spread of(Collection<Double> values) {
    double[] finite =
        values.stream().mapToDouble(Double::doubleValue).filter(Double::isFinite).toArray();
    int n = finite.length;
    if (n == 0) {
      return new Spread(Double.NaN, Double.NaN, 0);
    }
    double mean = Arrays.stream(finite).sum() / n;
    double squares = Arrays.stream(finite).map(v -> (v - mean) * (v - mean)).sum();
    return new Spread(mean, n == 1 ? Double.NaN : Math.sqrt(squares / (n - 1)), n);
  }

  /** Half the width of the 95 % interval of the mean; NaN for fewer than two values. */
  public double uncertainty() {
    if (n < 2) {
      return Double.NaN;
    }
    // Beyond the table, t is within 0.02 of this.
    double t = n - 2 < T95.length ? T95[n - 2] : 1.96 + 2.6 / (n - 1);
    return t * deviation / Math.sqrt(n);
  }

  /** Whether the mean differs from 0 by more than its uncertainty. */
  public boolean isClear() {
    return Math.abs(mean) > uncertainty();
  }

  ObjectNode toJson() {
    ObjectNode json = Json.object();
    Numbers.put(json, "mean", mean);
    Numbers.put(json, "deviation", deviation);
    json.put("n", n);
    return json;
  }

  /** {@code 1.8141 ± 0.0123}, or the mean alone. */
  String text(String pattern) {
    if (!Double.isFinite(mean)) {
      return "–";
    }
    String shown = Numbers.format(pattern, mean);
    return Double.isFinite(deviation)
        ? shown + " ± " + Numbers.format(pattern.replace("+", ""), deviation)
        : shown;
  }
}
