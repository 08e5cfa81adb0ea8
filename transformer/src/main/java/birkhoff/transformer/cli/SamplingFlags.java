package birkhoff.transformer.cli;

import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.sample.SamplingOptions;
import birkhoff.transformer.sample.StopStrings;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of the commands that write text. */
final class SamplingFlags {
  @Option(
      names = "--max_new_tokens",
      paramLabel = "INT",
      defaultValue = "500",
      description = "Length of the continuation. Default: ${DEFAULT-VALUE}.")
  private int maxNewTokens;

  @Option(
      names = "--temperature",
      paramLabel = "NUMBER",
      defaultValue = "0.8",
      description = "Divides the logits; 0 takes the likeliest token. Default: ${DEFAULT-VALUE}.")
  private double temperature;

  @Option(
      names = "--top_k",
      paramLabel = "INT",
      defaultValue = "0",
      description = "Only the k likeliest tokens; 0 for all. Default: ${DEFAULT-VALUE}.")
  private int topK;

  @Option(
      names = "--top_p",
      paramLabel = "NUMBER",
      defaultValue = "1.0",
      description = "Only the likeliest tokens of this joint probability. Default: all.")
  private double topP;

  @Option(
      names = "--min_p",
      paramLabel = "NUMBER",
      defaultValue = "0",
      description = "Only tokens with this share of the likeliest one's probability. Default: all.")
  private double minP;

  @Option(
      names = "--repetition_penalty",
      paramLabel = "NUMBER",
      defaultValue = "1",
      description = "Above 1, tokens already in the text become less likely. Default: none.")
  private double repetitionPenalty;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End before this text; may be given several times.")
  private List<String> stop = List.of();

  /**
   * How tokens are drawn.
   *
   * @throws UsageException for a value outside its range
   */
  SamplingOptions options(long seed) {
    if (maxNewTokens < 1) {
      throw new UsageException("max_new_tokens=" + maxNewTokens + " must be at least 1");
    }
    StopStrings.check(stop);
    return new SamplingOptions(repetitionPenalty, temperature, topK, topP, minP, seed);
  }

  /**
   * The same with one option changed.
   *
   * @param change {@code name=value}
   * @throws UsageException when there is no such option or its value is none
   */
  SamplingFlags with(String change) {
    String[] parts = change.strip().split("=", 2);
    String value = parts.length > 1 ? parts[1] : "";
    var changed = new SamplingFlags();
    changed.maxNewTokens = maxNewTokens;
    changed.temperature = temperature;
    changed.topK = topK;
    changed.topP = topP;
    changed.minP = minP;
    changed.repetitionPenalty = repetitionPenalty;
    changed.stop = stop;
    try {
      switch (parts[0].replace('-', '_')) {
        case "max_new_tokens" -> changed.maxNewTokens = Integer.parseInt(value);
        case "temperature" -> changed.temperature = Double.parseDouble(value);
        case "top_k" -> changed.topK = Integer.parseInt(value);
        case "top_p" -> changed.topP = Double.parseDouble(value);
        case "min_p" -> changed.minP = Double.parseDouble(value);
        case "repetition_penalty" -> changed.repetitionPenalty = Double.parseDouble(value);
        case "stop" -> changed.stop = value.isEmpty() ? List.of() : List.of(value);
        default ->
            throw new UsageException(
                "there is no option '"
                    + parts[0]
                    + "'; there are max_new_tokens, temperature, top_k, top_p, min_p,"
                    + " repetition_penalty and stop");
      }
    } catch (NumberFormatException e) {
      throw new UsageException(parts[0] + "='" + value + "' is not a number of its kind");
    }
    changed.options(0);
    return changed;
  }

  int maxNewTokens() {
    return maxNewTokens;
  }

  List<String> stop() {
    return stop;
  }
}
