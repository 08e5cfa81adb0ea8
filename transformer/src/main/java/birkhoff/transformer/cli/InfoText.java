package birkhoff.transformer.cli;

import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.diagnostics.MixerStatistics;
import birkhoff.transformer.diagnostics.MixerWatch;
import birkhoff.transformer.diagnostics.TensorStatistics;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.report.Numbers;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is known about a checkpoint, for people and as JSON. */
record InfoText(
    Checkpoint checkpoint, List<TensorStatistics> tensors, Optional<MixerWatch> mixers) {

  /** Parameters by what they belong to: all blocks together, embeddings, the rest. */
  private Map<String, Long> groups() {
    Map<String, Long> groups = new LinkedHashMap<>();
    for (TensorStatistics tensor : tensors) {
      String[] parts = tensor.name().split("\\.");
      boolean inBlock = parts.length > 3 && parts[1].equals("h");
      String group = inBlock ? "blocks: " + parts[3] : parts[parts.length > 2 ? 1 : 0];
      groups.merge(group, tensor.count(), Long::sum);
    }
    return groups;
  }

  private static String meaning(String group) {
    return switch (group.replace("blocks: ", "")) {
      case "wte" -> "token embedding";
      case "wpe" -> "position embedding";
      case "lm_head" -> "head";
      case "attn" -> "attention";
      case "mlp" -> "MLPs";
      case "ln_1", "ln_2", "ln_f" -> "layer norms";
      case "hc_attn" -> "streams around attention";
      case "hc_mlp" -> "streams around MLPs";
      default -> "";
    };
  }

  private Map<String, String> provenance() throws IOException {
    RunConfig config = checkpoint.config();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "saved",
        Files.getLastModifiedTime(checkpoint.folder().resolve(Checkpoint.MODEL))
            .toInstant()
            .truncatedTo(ChronoUnit.SECONDS)
            .toString());
    facts.put("init_from", config.get(Keys.INIT_FROM));
    String dataset = config.get(Keys.DATASET);
    facts.put("dataset", dataset.isEmpty() ? "the built-in corpus" : dataset);
    facts.put("dataset_sha256", checkpoint.progress().datasetSha256());
    facts.putAll(checkpoint.provenance());
    facts.values().removeIf(String::isEmpty);
    if (checkpoint.progress().datasetSha256().isEmpty()) {
      facts.remove("dataset");
    }
    return facts;
  }

  ObjectNode json() throws IOException {
    ObjectNode result = Json.object();
    result.put("folder", checkpoint.folder().toString());
    result.put("step", checkpoint.progress().step());
    result.put("tokens", checkpoint.progress().tokens());
    Numbers.put(result, "best_val_loss", checkpoint.progress().bestValLoss());
    Map<String, Long> groups = groups();
    result.put("parameters", groups.values().stream().mapToLong(Long::longValue).sum());
    ObjectNode byGroup = result.putObject("parameters_by_group");
    groups.forEach(byGroup::put);
    ObjectNode tokenizer = result.putObject("tokenizer");
    tokenizer.put("type", checkpoint.tokenizer().name());
    tokenizer.put("vocab_size", checkpoint.tokenizer().vocabularySize());
    tokenizer.put("sha256", checkpoint.tokenizer().hash());
    result.put("dataset_sha256", checkpoint.progress().datasetSha256());
    ObjectNode provenance = result.putObject("provenance");
    provenance().forEach(provenance::put);
    result.set("config", RunConfigText.json(checkpoint.config()));
    if (mixers.isPresent()) {
      result.set("mixers", mixers.get().toJson());
    }
    var all = result.putArray("tensors");
    tensors.forEach(t -> all.add(t.toJson()));
    return result;
  }

  String lines() throws IOException {
    var text = new StringBuilder();
    var progress = checkpoint.progress();
    text.append(
        Numbers.format(
            "%s%nafter %,d steps and %,d tokens; best validation loss before it: %s%n%n",
            checkpoint.folder(),
            progress.step(),
            progress.tokens(),
            Double.isFinite(progress.bestValLoss())
                ? Numbers.format("%.4f", progress.bestValLoss())
                : "none yet"));
    text.append(Numbers.format("Provenance%n"));
    provenance().forEach((name, value) -> text.append(Numbers.format("  %-16s %s%n", name, value)));
    text.append(tokenizer());
    text.append(Numbers.format("%nConfiguration%n"));
    text.append(RunConfigText.summary(checkpoint.config()).indent(2));
    text.append(parameters());
    mixers.ifPresent(watch -> text.append(mixers(watch)));
    text.append(Numbers.format("%nTensors%n"));
    tensors.forEach(t -> text.append(t.line()));
    return text.toString();
  }

  private String tokenizer() {
    int tokens = checkpoint.tokenizer().vocabularySize();
    int rows = checkpoint.config().get(Keys.VOCAB_SIZE);
    return Numbers.format(
        "%nTokenizer%n  %s, %,d tokens%s, SHA-256 %s%n",
        checkpoint.tokenizer().name(),
        tokens,
        rows > tokens ? Numbers.format(" in %,d rows", rows) : "",
        checkpoint.tokenizer().hash());
  }

  private String parameters() {
    var text = new StringBuilder(Numbers.format("%nParameters%n"));
    Map<String, Long> groups = groups();
    long total = groups.values().stream().mapToLong(Long::longValue).sum();
    groups.forEach((group, count) ->
        text.append(
            Numbers.format(
                "  %-18s %,14d  %5.1f %%  %s%n",
                group, count, 100.0 * count / total, meaning(group))));
    return text.append(Numbers.format("  %-18s %,14d%n", "all", total)).toString();
  }

  private static String mixers(MixerWatch watch) {
    var text = new StringBuilder();
    text.append(
        Numbers.format(
            "%nMixers on a text of the model's own: means over its tokens, largest errors of"
                + " sums%n"));
    text.append(
        Numbers.format(
            "  %-14s %9s %9s %9s %10s %12s %8s%n",
            "sublayer", "diagonal", "sigma1", "sigma2", "row error", "column error", "cosine"));
    List<MixerStatistics> each = watch.sublayers();
    for (int i = 0; i < each.size(); i++) {
      String name = Numbers.format("block %d %s", i / 2, i % 2 == 0 ? "attn" : "mlp");
      text.append(row(name, each.get(i)));
    }
    text.append(row("product", watch.composite()));
    double error = each.stream().mapToDouble(MixerStatistics::errorMax).max().orElse(0);
    return text.append(
            Numbers.format(
                "  rows and columns sum to 1 within %.1e: %s%n",
                error, error < 1e-5 ? "doubly stochastic" : "not doubly stochastic"))
        .toString();
  }

  private static String row(String name, MixerStatistics s) {
    return Numbers.format(
        "  %-14s %9.4f %9.4f %9.4f %10.1e %12.1e %8.3f%n",
        name,
        s.diagonal(),
        s.sigma1(),
        s.sigma2(),
        s.rowErrorMax(),
        s.columnErrorMax(),
        s.similarity());
  }
}
