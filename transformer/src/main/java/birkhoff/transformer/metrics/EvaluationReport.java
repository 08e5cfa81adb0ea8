package birkhoff.transformer.metrics;

import birkhoff.transformer.json.Json;
import birkhoff.transformer.report.Numbers;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One evaluation on both splits.
 *
 * @param step steps done before it
 * @param trainLoss nats per token
 * @param valLoss nats per token
 * @param bitsPerByte of the validation text
 */
public record EvaluationReport(long step, double trainLoss, double valLoss, double bitsPerByte) {
  /** The object of {@code metrics.jsonl}. */
  public ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("step", step);
    Numbers.put(json, "train_loss", trainLoss);
    Numbers.put(json, "val_loss", valLoss);
    Numbers.put(json, "bits_per_byte", bitsPerByte);
    return json;
  }
}
