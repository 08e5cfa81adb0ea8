package birkhoff.transformer.metrics;

import birkhoff.engine.io.AtomicFile;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;

/** Steps and evaluations as a table; a cell is empty where a line has no such number. */
final class CsvLines implements AutoCloseable {
  private static final List<String> COLUMNS =
      List.of(
          "step",
          "loss",
          "lr",
          "grad_norm",
          "ms",
          "tokens_per_second",
          "tokens",
          "mfu",
          "rss_mb",
          "train_loss",
          "val_loss",
          "bits_per_byte");

  private final BufferedWriter writer;

  private CsvLines(BufferedWriter writer) {
    this.writer = writer;
  }

  /** Writes the file anew with the lines so far, and opens it for more. */
  static CsvLines open(Path file, List<ObjectNode> before) throws IOException {
    var text = new StringBuilder(String.join(",", COLUMNS)).append('\n');
    before.forEach(line -> text.append(row(line)));
    AtomicFile.writeString(file, text.toString());
    return new CsvLines(Files.newBufferedWriter(file, StandardOpenOption.APPEND));
  }

  private static String row(ObjectNode line) {
    return COLUMNS.stream()
        .map(line::path)
        .map(cell -> cell.isNumber() ? cell.asText() : "")
        .collect(Collectors.joining(",", "", "\n"));
  }

  /** Appends a line and hands it to the system at once, for readers that follow the file. */
  void write(ObjectNode line) throws IOException {
    writer.write(row(line));
    writer.flush();
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
