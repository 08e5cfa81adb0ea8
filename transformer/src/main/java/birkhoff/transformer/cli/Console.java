package birkhoff.transformer.cli;

import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.io.PrintStream;

/**
 * Where a command reads and prints.
 *
 * @param in what people type
 * @param out results
 * @param err everything for people
 * @param terminal whether {@code err} is a terminal that a progress bar may be drawn on
 * @param interruption asks commands to finish
 */
record Console(
    InputStream in, PrintStream out, PrintStream err, boolean terminal, Interruption interruption) {
  /** A line for people. */
  void say(String line) {
    err.println(line);
  }

  /** The result as one line of JSON. */
  void json(JsonNode result) {
    out.println(Json.line(result));
    out.flush();
  }
}
