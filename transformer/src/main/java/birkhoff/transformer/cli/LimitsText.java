package birkhoff.transformer.cli;

import birkhoff.engine.profile.MachineLimits;
import birkhoff.engine.profile.MachineReport;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** What the machine can do at best, as JSON and as text. */
final class LimitsText {
  private LimitsText() {}

  /** Writes the limits of all threads, and those of one below them. */
  static void put(ObjectNode to, MachineReport report) {
    put(to, report.all());
    put(to.putObject("one_thread"), report.one());
    to.put("from_cache", !report.measured());
  }

  private static void put(ObjectNode to, MachineLimits limits) {
    to.put("threads", limits.threads());
    to.put("vector_bits", limits.vectorBits());
    to.put("fma_gflops", limits.flopsPerSecond() / 1e9);
    var peaks = to.putArray("peaks");
    for (MachineLimits.Peak peak : limits.peaks()) {
      peaks.addObject().put("bits", peak.bits()).put("gflops", peak.flopsPerSecond() / 1e9);
    }
    var reads = to.putArray("read");
    for (MachineLimits.Read read : limits.reads()) {
      reads
          .addObject()
          .put("level", read.level())
          .put("bytes_per_thread", read.bytesPerThread())
          .put("gb_per_second", read.bytesPerSecond() / 1e9);
    }
    to.put("triad_gb_per_second", limits.triadBytesPerSecond() / 1e9);
  }

  /** Two lines, for all threads and for one. */
  static String lines(JsonNode limits) {
    String all = line(limits);
    return limits.get("threads").asInt() == 1 ? all : all + line(limits.get("one_thread"));
  }

  private static String line(JsonNode limits) {
    var text = new StringBuilder();
    int threads = limits.get("threads").asInt();
    text.append("limits with ").append(threads).append(threads == 1 ? " thread:" : " threads:");
    for (JsonNode peak : limits.get("peaks")) {
      text.append(
          String.format(
              Locale.ROOT,
              " %.0f GFLOP/s at %d bits,",
              peak.get("gflops").asDouble(),
              peak.get("bits").asInt()));
    }
    text.append(" reading");
    for (JsonNode read : limits.get("read")) {
      text.append(
          String.format(
              Locale.ROOT,
              " %s %.0f,",
              read.get("level").asText(),
              read.get("gb_per_second").asDouble()));
    }
    return text.append(
            String.format(
                Locale.ROOT, " triad %.0f GB/s%n", limits.get("triad_gb_per_second").asDouble()))
        .toString();
  }
}
