package birkhoff.transformer.cli;

import birkhoff.engine.kernel.Role;
import birkhoff.engine.profile.simd.SimdReport;
import birkhoff.engine.profile.simd.SimdRow;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Whether the kernels were compiled to vector instructions, as JSON and as text. */
final class SimdText {
  /** Every role. */
  static final String ALL = "all";

  private SimdText() {}

  /** The roles of a list such as {@code gemm,attention}. */
  static Set<Role> roles(String names) {
    if (names.equals(ALL)) {
      return EnumSet.allOf(Role.class);
    }
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String name : names.split(",", -1)) {
      try {
        roles.add(Role.valueOf(name.strip().toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw new UsageException(
            "check_simd: no kernel role '"
                + name
                + "'; the roles are "
                + Arrays.toString(Role.values()).toLowerCase(Locale.ROOT));
      }
    }
    return roles;
  }

  static ObjectNode json(SimdReport report) {
    ObjectNode result = Json.object();
    result.put("passed", report.passed());
    result.put("vector_bits", report.vectorBits());
    result.put("machine_bits", report.machineBits());
    var warnings = result.putArray("warnings");
    report.warnings().forEach(warnings::add);
    var kernels = result.putArray("kernels");
    for (SimdRow row : report.rows()) {
      kernels
          .addObject()
          .put("role", row.role().name().toLowerCase(Locale.ROOT))
          .put("kernel", row.name())
          .put("bytes_per_call", row.bytesPerCall())
          .put("vector_us", row.vectorNanos() / 1e3)
          .put("scalar_us", row.scalarNanos() / 1e3)
          .put("speedup", row.speedup())
          .put("boxes", row.boxes())
          .put("slow", row.slow());
    }
    return result;
  }

  static void print(PrintStream out, SimdReport report) {
    out.printf(
        "%-13s %-32s %11s %10s %10s %8s%n",
        "role", "kernel", "bytes/call", "vector us", "scalar us", "speedup");
    for (SimdRow row : report.rows()) {
      out.printf(
          Locale.ROOT,
          "%-13s %-32s %,11d %10.1f %10.1f %7.1fx%s%n",
          row.role().name().toLowerCase(Locale.ROOT),
          row.name(),
          row.bytesPerCall(),
          row.vectorNanos() / 1e3,
          row.scalarNanos() / 1e3,
          row.speedup(),
          row.boxes() ? "  boxes" : row.slow() ? "  slow" : "");
    }
    report.warnings().forEach(warning -> out.println("warning: " + warning));
    int bad = report.suspects().size();
    out.printf(
        Locale.ROOT,
        "%d of %d kernels run on %d-bit vectors as compiled code without allocation%n",
        report.rows().size() - bad,
        report.rows().size(),
        report.vectorBits());
  }
}
