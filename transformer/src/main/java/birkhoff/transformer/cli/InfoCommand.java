package birkhoff.transformer.cli;

import birkhoff.engine.io.SafeTensorsEntry;
import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Explains a checkpoint. */
@Command(
    name = "info",
    description = "Explains a checkpoint: tensors, parameters, configuration, tokenizer, progress.")
final class InfoCommand extends BaseCommand {
  @Parameters(
      paramLabel = "CHECKPOINT",
      description = "A checkpoint, RUN for a run's newest or RUN/best for its best.")
  private Path path;

  @Option(names = "--json", description = "Print the result as one JSON object on stdout.")
  private boolean json;

  InfoCommand(Console console) {
    super(console);
  }

  @Override
  ExitCode run() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(path);
    try (var model = SafeTensorsReader.open(checkpoint.folder().resolve(Checkpoint.MODEL))) {
      Map<String, Long> groups = groups(model);
      if (json) {
        console().json(toJson(checkpoint, model, groups));
      } else {
        print(checkpoint, model, groups);
      }
    }
    return ExitCode.DONE;
  }

  /** Parameters by what they belong to: all blocks together, embeddings, the rest. */
  private static Map<String, Long> groups(SafeTensorsReader model) {
    Map<String, Long> groups = new LinkedHashMap<>();
    for (SafeTensorsEntry tensor : model.tensors()) {
      String[] parts = tensor.name().split("\\.");
      boolean inBlock = parts.length > 3 && parts[1].equals("h");
      String group = inBlock ? "blocks: " + parts[3] : parts[Math.min(1, parts.length - 1)];
      groups.merge(group, tensor.elements(), Long::sum);
    }
    return groups;
  }

  private static ObjectNode toJson(
      Checkpoint checkpoint, SafeTensorsReader model, Map<String, Long> groups) {
    ObjectNode result = Json.object();
    result.put("folder", checkpoint.folder().toString());
    result.put("step", checkpoint.progress().step());
    result.put("tokens", checkpoint.progress().tokens());
    double best = checkpoint.progress().bestValLoss();
    if (Double.isFinite(best)) {
      result.put("best_val_loss", best);
    } else {
      result.putNull("best_val_loss");
    }
    result.put("parameters", groups.values().stream().mapToLong(Long::longValue).sum());
    ObjectNode byGroup = result.putObject("parameters_by_group");
    groups.forEach(byGroup::put);
    ObjectNode tokenizer = result.putObject("tokenizer");
    tokenizer.put("type", checkpoint.tokenizer().name());
    tokenizer.put("vocab_size", checkpoint.tokenizer().vocabularySize());
    tokenizer.put("sha256", checkpoint.tokenizer().hash());
    result.put("dataset_sha256", checkpoint.progress().datasetSha256());
    result.set("config", RunConfigText.json(checkpoint.config()));
    var tensors = result.putArray("tensors");
    for (SafeTensorsEntry tensor : model.tensors()) {
      ObjectNode entry = tensors.addObject();
      entry.put("name", tensor.name());
      entry.put("dtype", tensor.type().name());
      var shape = entry.putArray("shape");
      tensor.shape().forEach(shape::add);
    }
    return result;
  }

  private void print(Checkpoint checkpoint, SafeTensorsReader model, Map<String, Long> groups) {
    var out = console().out();
    var progress = checkpoint.progress();
    out.printf(
        Locale.ROOT,
        "%s%nafter %,d steps and %,d tokens; best validation loss before it: %.4f%n",
        checkpoint.folder(),
        progress.step(),
        progress.tokens(),
        progress.bestValLoss());
    out.printf(
        Locale.ROOT,
        "tokenizer %s, %,d tokens; block_size %d%n%n",
        checkpoint.tokenizer().name(),
        checkpoint.tokenizer().vocabularySize(),
        checkpoint.config().get(Keys.BLOCK_SIZE));
    out.print(RunConfigText.summary(checkpoint.config()));
    out.printf("%nParameters%n");
    long total = groups.values().stream().mapToLong(Long::longValue).sum();
    groups.forEach((group, count) ->
        out.printf(Locale.ROOT, "  %-22s %,14d  %5.1f %%%n", group, count, 100.0 * count / total));
    out.printf(Locale.ROOT, "  %-22s %,14d%n%nTensors%n", "all", total);
    for (SafeTensorsEntry tensor : model.tensors()) {
      out.printf("  %-44s %s %s%n", tensor.name(), tensor.type(), tensor.shape());
    }
  }
}
