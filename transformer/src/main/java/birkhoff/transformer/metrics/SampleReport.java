package birkhoff.transformer.metrics;

import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A text that the model wrote while it was trained.
 *
 * @param step steps done before it
 * @param text with its prompt
 */
public record SampleReport(long step, String text) {
  /** The object of {@code samples.jsonl}. */
  ObjectNode toJson() {
    return Json.object().put("step", step).put("text", text);
  }
}
