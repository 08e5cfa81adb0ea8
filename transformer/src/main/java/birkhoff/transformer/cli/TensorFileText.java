package birkhoff.transformer.cli;

import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.transformer.diagnostics.TensorStatistics;
import birkhoff.transformer.exchange.GgufReader;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.report.Numbers;
import birkhoff.transformer.report.Printable;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a single file of tensors says of itself, for people and as JSON.
 *
 * @param file that was read
 * @param format of it
 * @param bytes of the file
 * @param metadata in file order
 * @param tensors in file order
 */
record TensorFileText(
    Path file,
    String format,
    long bytes,
    Map<String, Object> metadata,
    List<TensorStatistics> tensors) {

  /** Reads a file of either format, told apart by its first bytes. */
  static TensorFileText of(Path file) throws IOException {
    long bytes = Files.size(file);
    if (GgufReader.isGguf(file)) {
      try (var gguf = GgufReader.open(file)) {
        var tensors = gguf.tensors().stream().map(t -> TensorStatistics.of(gguf, t)).toList();
        return new TensorFileText(
            file, "gguf", bytes, new LinkedHashMap<>(gguf.metadata()), tensors);
      }
    }
    try (var safe = SafeTensorsReader.open(file)) {
      var tensors = safe.tensors().stream().map(t -> TensorStatistics.of(safe, t)).toList();
      return new TensorFileText(
          file, "safetensors", bytes, new LinkedHashMap<>(safe.metadata()), tensors);
    }
  }

  private long elements() {
    return tensors.stream().mapToLong(TensorStatistics::count).sum();
  }

  ObjectNode json() {
    ObjectNode result = Json.object();
    result.put("file", file.toString());
    result.put("format", format);
    result.put("bytes", bytes);
    result.put("elements", elements());
    ObjectNode values = result.putObject("metadata");
    metadata.forEach(values::putPOJO);
    var all = result.putArray("tensors");
    tensors.forEach(t -> all.add(t.toJson()));
    return result;
  }

  String lines() {
    var text = new StringBuilder();
    text.append(
        Numbers.format(
            "%s%n%s, %,d bytes, %,d tensors of %,d elements%n",
            file, format, bytes, tensors.size(), elements()));
    if (!metadata.isEmpty()) {
      text.append(Numbers.format("%nMetadata%n"));
      metadata.forEach((key, value) ->
          text.append(
              Numbers.format("  %-40s %s%n", Printable.of(key), Printable.of(value.toString()))));
    }
    text.append(Numbers.format("%nTensors%n"));
    tensors.forEach(t -> text.append(t.line()));
    return text.toString();
  }
}
