package birkhoff.transformer.experiment.residuals;

import birkhoff.transformer.diagnostics.MixerStatistics;
import birkhoff.transformer.metrics.MetricsFiles;
import birkhoff.transformer.report.LineChart.Point;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A finished run, read from its folder.
 *
 * @param which run
 * @param initialLoss of the fresh model on the validation batches, nats per token
 * @param valLoss of the trained one on the same batches
 * @param bitsPerByte likewise
 * @param parameters of the model
 * @param tokens trained on
 * @param tokensPerSecond of the median step
 * @param peakMb most memory outside the heap, 10^6 bytes
 * @param gradNorm mean over the last quarter of the logged steps, before clipping
 * @param gradNormMax largest of all logged steps
 * @param losses validation loss over tokens, the fresh model included
 * @param gradNorms over tokens
 * @param sublayers mixers of each sublayer; empty for a plain residual
 * @param composite their product; null for a plain residual
 */
public record ResidualsRun(
    ResidualsCase which,
    double initialLoss,
    double valLoss,
    double bitsPerByte,
    long parameters,
    long tokens,
    double tokensPerSecond,
    double peakMb,
    double gradNorm,
    double gradNormMax,
    List<Point> losses,
    List<Point> gradNorms,
    List<MixerStatistics> sublayers,
    MixerStatistics composite) {

  static ResidualsRun read(ResidualsCase which, Path folder, ObjectNode measured)
      throws IOException {
    List<ObjectNode> lines = MetricsFiles.read(folder);
    long steps = measured.path("step").asLong();
    long tokens = measured.path("tokens").asLong();
    double perStep = steps == 0 ? 0 : (double) tokens / steps;
    double initial = measured.path("initial_loss").asDouble();
    double last = measured.path("val_loss").asDouble();
    Map<Double, Double> losses = new TreeMap<>();
    losses.put(0.0, initial);
    List<Point> norms = new ArrayList<>();
    List<Double> speeds = new ArrayList<>();
    for (ObjectNode line : lines) {
      double at = line.path("step").asDouble() * perStep;
      if (line.path("val_loss").isNumber()) {
        losses.put(at, line.path("val_loss").asDouble());
      }
      if (line.path("grad_norm").isNumber()) {
        norms.add(new Point(at, line.path("grad_norm").asDouble()));
        speeds.add(line.path("tokens_per_second").asDouble());
      }
    }
    losses.put((double) tokens, last);
    List<MixerStatistics> sublayers = new ArrayList<>();
    JsonNode mixers = measured.path("mixers");
    mixers.path("sublayers").forEach(s -> sublayers.add(MixerStatistics.fromJson(s)));
    return new ResidualsRun(
        which,
        initial,
        last,
        measured.path("bits_per_byte").asDouble(),
        measured.path("parameters").asLong(),
        tokens,
        median(speeds),
        measured.path("native_peak_mb").asDouble(),
        norms.stream()
            .filter(p -> p.x() > 0.75 * tokens)
            .mapToDouble(Point::y)
            .average()
            .orElse(Double.NaN),
        norms.stream().mapToDouble(Point::y).max().orElse(Double.NaN),
        losses.entrySet().stream().map(e -> new Point(e.getKey(), e.getValue())).toList(),
        List.copyOf(norms),
        List.copyOf(sublayers),
        sublayers.isEmpty() ? null : MixerStatistics.fromJson(mixers.path("composite")));
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }
}
