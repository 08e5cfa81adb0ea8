package birkhoff.transformer.experiment.synthetic;

import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;

/**
 * How many times earlier than mhc_lite go_mhc with s = 2 converges at d = 4, by seed. With 64
 * problems the epoch at which their mean comes near its end hangs on the few slowest, so one seed
 * tells little.
 *
 * @param rows those seeds for which everything was run
 */
record SpeedComparison(List<Row> rows) {
  /**
   * Epochs to converge.
   *
   * @param full go_mhc as published
   * @param triangle go_mhc with one number per entry
   */
  record Row(long seed, int full, int triangle, int lite) {
    double timesFull() {
      return (double) lite / full;
    }

    double timesTriangle() {
      return (double) lite / triangle;
    }
  }

  static SpeedComparison of(List<SyntheticCurve> curves) {
    List<Row> rows = new ArrayList<>();
    curves.stream()
        .filter(c -> SyntheticExperiment.isCompared(c.which()))
        .map(c -> c.which().seed())
        .distinct()
        .forEach(seed -> {
          OptionalInt full = epochs(curves, seed, SyntheticSettings.FULL);
          OptionalInt triangle = epochs(curves, seed, SyntheticSettings.TRIANGLE);
          OptionalInt lite = epochs(curves, seed, "");
          if (full.isPresent() && triangle.isPresent() && lite.isPresent()) {
            rows.add(
                new Row(seed, full.getAsInt(), triangle.getAsInt(), Math.max(1, lite.getAsInt())));
          }
        });
    return new SpeedComparison(List.copyOf(rows));
  }

  private static OptionalInt epochs(List<SyntheticCurve> curves, long seed, String skew) {
    return curves.stream()
        .filter(c -> SyntheticExperiment.isCompared(c.which()))
        .filter(c -> c.which().seed() == seed && c.which().skew().equals(skew))
        .filter(c -> c.which().factors().isEmpty())
        .mapToInt(c -> Math.max(1, c.epochsToConverge()))
        .findFirst();
  }

  /** The mean over the seeds; NaN without any. */
  double mean(ToDoubleFunction<Row> value) {
    return rows.stream().mapToDouble(value).average().orElse(Double.NaN);
  }

  double least(ToDoubleFunction<Row> value) {
    return rows.stream().mapToDouble(value).min().orElse(Double.NaN);
  }

  double most(ToDoubleFunction<Row> value) {
    return rows.stream().mapToDouble(value).max().orElse(Double.NaN);
  }

  ObjectNode json() {
    ObjectNode result = Json.object();
    result.put("d", SyntheticExperiment.COMPARED).put("s", 2);
    var seeds = result.putArray("seeds");
    for (Row row : rows) {
      seeds
          .addObject()
          .put("seed", row.seed)
          .put("go_mhc_full", row.full)
          .put("go_mhc_triangle", row.triangle)
          .put("mhc_lite", row.lite)
          .put("times_full", row.timesFull())
          .put("times_triangle", row.timesTriangle());
    }
    if (!rows.isEmpty()) {
      result.put("mean_times_full", mean(Row::timesFull));
      result.put("mean_times_triangle", mean(Row::timesTriangle));
    }
    return result;
  }
}
