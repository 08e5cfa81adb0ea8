package birkhoff.engine.profile;

import birkhoff.engine.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Writes events in the Trace Event Format that Perfetto ({@code ui.perfetto.dev}) and {@code
 * chrome://tracing} open: complete events, times in microseconds, one row for each phase.
 */
public final class ChromeTrace {
  private ChromeTrace() {}

  /** Writes the file, whole or not at all. */
  public static void write(Path file, List<OpProfile.Event> events) throws IOException {
    var json = new StringBuilder("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
    for (Phase phase : Phase.values()) {
      json.append(phase.ordinal() == 0 ? "" : ",\n").append(thread(phase));
    }
    for (OpProfile.Event e : events) {
      json.append(
          String.format(
              Locale.ROOT,
              ",%n{\"name\":\"%s\",\"cat\":\"%s\",\"ph\":\"X\",\"pid\":1,\"tid\":%d,\"ts\":%.3f,"
                  + "\"dur\":%.3f,\"args\":{\"flops\":%d,\"bytes\":%d,\"heap_bytes\":%d}}",
              escape(e.name()),
              e.phase().label(),
              row(e.phase()),
              e.start() / 1e3,
              e.nanos() / 1e3,
              e.flops(),
              e.bytes(),
              e.heapBytes()));
    }
    AtomicFile.writeString(file, json.append("\n]}\n").toString());
  }

  /** Blocks come first: they hold the others. */
  private static int row(Phase phase) {
    return phase == Phase.BLOCK ? 0 : 1 + phase.ordinal();
  }

  private static String thread(Phase phase) {
    return "{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":"
        + row(phase)
        + ",\"args\":{\"name\":\""
        + phase.label()
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
