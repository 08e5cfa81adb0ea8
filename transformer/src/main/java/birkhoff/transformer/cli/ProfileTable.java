package birkhoff.transformer.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.Locale;

/** The result of {@code profile} for people. */
final class ProfileTable {
  private ProfileTable() {}

  static void print(PrintStream out, ObjectNode r) {
    out.printf(
        Locale.ROOT,
        "%-32s %7s %9s %6s %9s %8s %9s %9s%n",
        "operation",
        "calls",
        "ms/step",
        "share",
        "GFLOP/s",
        "GB/s",
        "roofline",
        "heap KB");
    for (JsonNode o : r.get("operations")) {
      out.printf(
          Locale.ROOT,
          "%-32s %7.1f %9.3f %5.1f%% %9s %8.1f %8.0f%% %,9.1f%s%n",
          o.get("name").asText(),
          o.get("calls_per_step").asDouble(),
          o.get("ms_per_step").asDouble(),
          100 * o.get("share").asDouble(),
          o.get("gflop_per_step").asDouble() > 0
              ? String.format(Locale.ROOT, "%.1f", o.get("gflops").asDouble())
              : "",
          o.get("gb_per_second").asDouble(),
          100 * o.get("of_roofline").asDouble(),
          o.get("heap_bytes_per_step").asDouble() / 1e3,
          o.get("boxes").asBoolean() ? "  boxes" : "");
    }
    double outside = r.get("outside_ms_per_step").asDouble();
    out.printf(
        Locale.ROOT,
        "%-32s %7s %9.3f %5.1f%%%n",
        "outside: tape, batch, scheduling",
        "",
        outside,
        100 * r.get("outside_share").asDouble());
    for (JsonNode warning : r.get("warnings")) {
      out.println("warning: " + warning.asText());
    }
    out.printf(
        Locale.ROOT,
        "%nms per step: min %.2f, median %.2f; %,.0f tokens/s, %.1f GFLOP/s, %.1f %% of the peak%n",
        r.get("ms_min").asDouble(),
        r.get("ms_median").asDouble(),
        r.get("tokens_per_second").asDouble(),
        r.get("gflops").asDouble(),
        100 * r.get("fraction_of_peak").asDouble());
    out.print(LimitsText.lines(r.get("limits")));
    if (r.has("counters")) {
      counters(out, r.get("counters"));
    }
    out.printf("trace: %s%nreport: %s%n", r.get("trace").asText(), r.get("report").asText());
  }

  private static void counters(PrintStream out, JsonNode counters) {
    String problem = counters.get("problem").asText();
    if (!problem.isEmpty()) {
      out.println("hardware counters: " + problem);
      return;
    }
    out.print("hardware counters per step:");
    for (JsonNode c : counters.get("events")) {
      out.printf(
          Locale.ROOT,
          " %s %.3g%s,",
          c.get("event").asText(),
          c.get("per_step").asDouble(),
          c.get("running_percent").asDouble() < 100
              ? String.format(
                  Locale.ROOT,
                  " (counted %.0f %% of the time)",
                  c.get("running_percent").asDouble())
              : "");
    }
    out.printf(Locale.ROOT, " instructions per cycle %.2f%n", counters.get("per_cycle").asDouble());
  }
}
