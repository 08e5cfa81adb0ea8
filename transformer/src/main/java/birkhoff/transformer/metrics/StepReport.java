package birkhoff.transformer.metrics;

import birkhoff.transformer.json.Json;
import birkhoff.transformer.report.Numbers;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One optimizer step.
 *
 * @param step steps done, this one included
 * @param loss mean training loss before the update, nats per token
 * @param lr learning rate of the update
 * @param gradNorm global norm before clipping
 * @param ms time of forward, backward, clipping and update
 * @param tokensPerSecond of this step
 * @param tokens trained on so far
 * @param mfu model FLOP per second as a share of the measured FMA peak
 * @param rssMb resident memory in 10^6 bytes; NaN where the system does not tell
 */
public record StepReport(
    long step,
    double loss,
    double lr,
    double gradNorm,
    double ms,
    double tokensPerSecond,
    long tokens,
    double mfu,
    double rssMb) {

  /** The object of {@code metrics.jsonl} and {@code train --json}. */
  public ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("step", step);
    Numbers.put(json, "loss", loss);
    Numbers.put(json, "lr", lr);
    Numbers.put(json, "grad_norm", gradNorm);
    Numbers.put(json, "ms", ms);
    Numbers.put(json, "tokens_per_second", tokensPerSecond);
    json.put("tokens", tokens);
    Numbers.put(json, "mfu", mfu);
    Numbers.put(json, "rss_mb", rssMb);
    return json;
  }
}
