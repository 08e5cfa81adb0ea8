package birkhoff.transformer.metrics;

import birkhoff.engine.io.AtomicFile;
import birkhoff.engine.profile.MachineLimits;
import birkhoff.engine.profile.MachineReport;
import birkhoff.engine.profile.OpProfile;
import birkhoff.transformer.report.Html;
import birkhoff.transformer.report.Numbers;
import birkhoff.transformer.report.Page;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes {@code profile.html}: one self-contained page with roofline, timeline and table. */
public final class ProfilePage {
  private ProfilePage() {}

  /**
   * Writes the page, whole or not at all.
   *
   * @param result of the command, as in its JSON
   * @param step the events of one step
   * @param facts about the machine
   */
  public static void write(
      Path file,
      ObjectNode result,
      List<OpProfile.Event> step,
      MachineReport machine,
      Map<String, String> facts)
      throws IOException {
    MachineLimits limits = machine.all();
    var page = new StringBuilder(Page.start("Where a training step's time goes"));
    page.append("<section class=\"tiles\">\n");
    page.append(Page.tile("ms per step (median)", number(result, "ms_median"), "%,.1f"));
    page.append(Page.tile("tokens per second", number(result, "tokens_per_second"), "%,.0f"));
    page.append(Page.tile("GFLOP/s", number(result, "gflops"), "%,.0f"));
    page.append(
        Page.tile("% of the multiply-add peak", 100 * number(result, "fraction_of_peak"), "%.1f"));
    page.append("</section>\n");
    Palette palette = Palette.of(result);
    page.append("<h2>One step</h2><div class=\"wide\">");
    page.append(Timeline.svg(step, palette)).append("</div>\n");
    page.append("<h2>Roofline</h2>\n").append(Roofline.svg(result, limits, palette));
    page.append("<h2>Operations</h2>\n").append(table(result));
    page.append("<section class=\"columns\"><div><h2>Machine</h2><table class=\"facts\">\n");
    facts.forEach((name, value) -> page.append(Page.row(name, value)));
    page.append("</table>\n<h2>Limits</h2><table class=\"numbers\">\n<thead><tr>");
    page.append("<th></th><th>one thread</th><th>")
        .append(limits.threads())
        .append(limits.threads() == 1 ? " thread" : " threads")
        .append("</th></tr></thead>\n");
    limits(page, machine);
    page.append("</table></div><div><h2>Configuration</h2><pre>");
    page.append(Html.escape(result.get("config").toPrettyString()))
        .append("</pre></div></section>");
    AtomicFile.writeString(file, page.append(Page.END).toString());
  }

  private static void limits(StringBuilder page, MachineReport machine) {
    MachineLimits one = machine.one();
    MachineLimits all = machine.all();
    for (int i = 0; i < all.peaks().size(); i++) {
      page.append(
          pair(
              Numbers.format("multiply-add at %d bits, GFLOP/s", all.peaks().get(i).bits()),
              one.peaks().get(i).flopsPerSecond(),
              all.peaks().get(i).flopsPerSecond()));
    }
    for (int i = 0; i < all.reads().size(); i++) {
      MachineLimits.Read read = all.reads().get(i);
      page.append(
          pair(
              Numbers.format(
                  "reading %s (%,d KiB a thread), GB/s", read.level(), read.bytesPerThread() >> 10),
              one.reads().get(i).bytesPerSecond(),
              read.bytesPerSecond()));
    }
    page.append(
        pair("triad in memory, GB/s", one.triadBytesPerSecond(), all.triadBytesPerSecond()));
  }

  private static String pair(String name, double one, double all) {
    return Numbers.format(
        "<tr><th>%s</th><td>%.0f</td><td>%.0f</td></tr>%n",
        Html.escape(name), one / 1e9, all / 1e9);
  }

  private static double number(ObjectNode result, String name) {
    return result.get(name).asDouble();
  }

  private static String table(ObjectNode result) {
    var html = new StringBuilder("<div class=\"wide\"><table class=\"numbers\"><thead><tr>");
    for (String head :
        List.of(
            "operation",
            "calls",
            "ms per step",
            "share",
            "GFLOP",
            "MB",
            "GFLOP/s",
            "GB/s",
            "of roofline",
            "heap KB")) {
      html.append("<th>").append(head).append("</th>");
    }
    html.append("</tr></thead>\n");
    for (JsonNode o : result.get("operations")) {
      boolean products = o.get("gflop_per_step").asDouble() > 0;
      html.append(o.get("boxes").asBoolean() ? "<tr class=\"warning\"><th>" : "<tr><th>")
          .append(Html.escape(o.get("name").asText()))
          .append("</th>");
      html.append(cell("%.0f", o, "calls_per_step", 1)).append(cell("%.3f", o, "ms_per_step", 1));
      html.append(cell("%.1f %%", o, "share", 100));
      html.append(products ? cell("%.2f", o, "gflop_per_step", 1) : "<td></td>");
      html.append(cell("%.1f", o, "mb_per_step", 1));
      html.append(products ? cell("%.1f", o, "gflops", 1) : "<td></td>");
      html.append(cell("%.1f", o, "gb_per_second", 1))
          .append(cell("%.0f %%", o, "of_roofline", 100))
          .append(cell("%,.1f", o, "heap_bytes_per_step", 1e-3));
      html.append("</tr>\n");
    }
    html.append("<tr><th>outside: tape, batch, scheduling</th><td></td>");
    html.append(cell("%.3f", result, "outside_ms_per_step", 1))
        .append(cell("%.1f %%", result, "outside_share", 100))
        .append("<td></td>".repeat(6))
        .append("</tr></table></div>\n");
    for (JsonNode warning : result.get("warnings")) {
      html.append("<p class=\"warning\">").append(Html.escape(warning.asText())).append("</p>\n");
    }
    return html.append(
            "<p>GFLOP counts matrix products and attention only; MB counts every tensor once, so"
                + " more than 100 % of the roofline means that operands lay in a cache.</p>\n")
        .toString();
  }

  private static String cell(String pattern, JsonNode row, String name, double factor) {
    return "<td>" + Numbers.format(pattern, factor * row.get(name).asDouble()) + "</td>";
  }
}
