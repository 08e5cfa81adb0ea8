package birkhoff.transformer.metrics;

import birkhoff.engine.io.AtomicFile;
import birkhoff.engine.profile.MachineLimits;
import birkhoff.engine.profile.OpProfile;
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
      MachineLimits limits,
      Map<String, String> facts)
      throws IOException {
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
    page.append("<section class=\"columns\"><div><h2>Machine</h2><table>\n");
    facts.forEach((name, value) -> page.append(Page.row(name, value)));
    page.append(Page.row("peak", Numbers.format("%.0f GFLOP/s", limits.flopsPerSecond() / 1e9)));
    for (MachineLimits.Read read : limits.reads()) {
      page.append(
          Page.row(
              Numbers.format("reading %,d KiB per thread", read.bytesPerThread() >> 10),
              Numbers.format("%.1f GB/s", read.bytesPerSecond() / 1e9)));
    }
    page.append("</table></div><div><h2>Configuration</h2><pre>");
    page.append(Html.escape(result.get("config").toPrettyString()))
        .append("</pre></div></section>");
    AtomicFile.writeString(file, page.append(Page.END).toString());
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
            "of roofline")) {
      html.append("<th>").append(head).append("</th>");
    }
    html.append("</tr></thead>\n");
    for (JsonNode o : result.get("operations")) {
      boolean products = o.get("gflop_per_step").asDouble() > 0;
      html.append("<tr><th>").append(Html.escape(o.get("name").asText())).append("</th>");
      html.append(cell("%.0f", o, "calls_per_step", 1)).append(cell("%.3f", o, "ms_per_step", 1));
      html.append(cell("%.1f %%", o, "share", 100));
      html.append(products ? cell("%.2f", o, "gflop_per_step", 1) : "<td></td>");
      html.append(cell("%.1f", o, "mb_per_step", 1));
      html.append(products ? cell("%.1f", o, "gflops", 1) : "<td></td>");
      html.append(cell("%.1f", o, "gb_per_second", 1))
          .append(cell("%.0f %%", o, "of_roofline", 100));
      html.append("</tr>\n");
    }
    html.append("<tr><th>outside: tape, batch, scheduling</th><td></td>");
    html.append(cell("%.3f", result, "outside_ms_per_step", 1)).append("</tr></table></div>\n");
    return html.append(
            "<p>GFLOP counts matrix products and attention only; MB counts every tensor once, so"
                + " more than 100 % of the roofline means that operands lay in a cache.</p>\n")
        .toString();
  }

  private static String cell(String pattern, JsonNode row, String name, double factor) {
    return "<td>" + Numbers.format(pattern, factor * row.get(name).asDouble()) + "</td>";
  }
}
