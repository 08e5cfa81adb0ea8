package birkhoff.transformer.metrics;

import birkhoff.transformer.diagnostics.MixerStatistics;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.report.Numbers;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What the mixers of a model with streams were like on a piece of validation text.
 *
 * @param step steps done before it
 * @param sublayers each, in order
 * @param composite their product
 */
public record StreamsReport(long step, List<MixerStatistics> sublayers, MixerStatistics composite) {
  /** Mean over the sublayers. */
  public double mean(ToDoubleFunction<MixerStatistics> value) {
    return sublayers.stream().mapToDouble(value).average().orElse(Double.NaN);
  }

  /** The largest |sum of a row or column - 1| of any mixer. */
  public double errorMax() {
    return sublayers.stream().mapToDouble(MixerStatistics::errorMax).max().orElse(Double.NaN);
  }

  /** The object of {@code streams.jsonl}. */
  ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("step", step);
    Numbers.put(json, "diagonal", mean(MixerStatistics::diagonal));
    Numbers.put(json, "sigma2", mean(MixerStatistics::sigma2));
    Numbers.put(json, "error_max", errorMax());
    Numbers.put(json, "composite_sigma2", composite.sigma2());
    Numbers.put(json, "similarity", composite.similarity());
    var each = json.putArray("sublayers");
    sublayers.forEach(s -> each.add(s.toJson()));
    json.set("composite", composite.toJson());
    return json;
  }
}
