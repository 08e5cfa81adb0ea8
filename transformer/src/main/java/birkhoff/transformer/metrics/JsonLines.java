package birkhoff.transformer.metrics;

import birkhoff.engine.io.AtomicFile;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A file with one JSON object per line, each with a {@code step}. */
final class JsonLines implements AutoCloseable {
  private final BufferedWriter writer;

  private JsonLines(BufferedWriter writer) {
    this.writer = writer;
  }

  /**
   * Opens a file for appending. Lines of steps after {@code lastStep}, which an interrupted run
   * wrote after its last checkpoint, are removed, and so is a line that was cut off.
   */
  static JsonLines open(Path file, long lastStep) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    if (Files.exists(file)) {
      var kept = new StringBuilder();
      for (ObjectNode line : read(file)) {
        if (line.path("step").asLong(Long.MAX_VALUE) <= lastStep) {
          kept.append(Json.line(line)).append('\n');
        }
      }
      AtomicFile.writeString(file, kept.toString());
    }
    return new JsonLines(
        Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
  }

  /** All lines of a file that can be read; none when it does not exist. */
  static List<ObjectNode> read(Path file) throws IOException {
    List<ObjectNode> lines = new ArrayList<>();
    if (Files.exists(file)) {
      // Decodes whatever is there: one bad byte must not stand in the way of a run.
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        try {
          lines.add(Json.parse(file.toString(), line));
        } catch (DataException e) {
          // A crash in the middle of a line; whatever follows was written later and is whole.
          continue;
        }
      }
    }
    return lines;
  }

  /** Appends a line and hands it to the system at once, for readers that follow the file. */
  void write(ObjectNode object) throws IOException {
    writer.write(Json.line(object));
    writer.write('\n');
    writer.flush();
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
