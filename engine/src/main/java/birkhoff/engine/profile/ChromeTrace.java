package birkhoff.engine.profile;

import birkhoff.engine.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Writes events in the Trace Event Format that Perfetto ({@code ui.perfetto.dev}) and {@code
 * chrome://tracing} open: complete events, times in microseconds, forward and backward as two rows.
 */
public final class ChromeTrace {
  private ChromeTrace() {}

  /** Writes the file, whole or not at all. */
  public static void write(Path file, List<OpProfile.Event> events) throws IOException {
    var json = new StringBuilder("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
    json.append(thread(1, "forward")).append(",\n").append(thread(2, "backward"));
    for (OpProfile.Event e : events) {
      json.append(
          String.format(
              Locale.ROOT,
              ",%n{\"name\":\"%s\",\"cat\":\"%s\",\"ph\":\"X\",\"pid\":1,\"tid\":%d,\"ts\":%.3f,"
                  + "\"dur\":%.3f,\"args\":{\"flops\":%d,\"bytes\":%d}}",
              escape(e.name()),
              e.backward() ? "backward" : "forward",
              e.backward() ? 2 : 1,
              e.start() / 1e3,
              e.nanos() / 1e3,
              e.flops(),
              e.bytes()));
    }
    AtomicFile.writeString(file, json.append("\n]}\n").toString());
  }

  private static String thread(int id, String name) {
    return "{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":"
        + id
        + ",\"args\":{\"name\":\""
        + name
        + "\"}}";
  }

  private static String escape(String name) {
    var escaped = new StringBuilder();
    for (char c : name.toCharArray()) {
      if (c == '"' || c == '\\') {
        escaped.append('\\').append(c);
      } else {
        escaped.append(c < 0x20 ? ' ' : c);
      }
    }
    return escaped.toString();
  }
}
