package birkhoff.transformer.metrics;

import birkhoff.transformer.report.LineChart;
import birkhoff.transformer.report.Numbers;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The part of a run's report that shows its mixers, from the lines of {@code streams.jsonl}. */
final class StreamCharts {
  private StreamCharts() {}

  /** Charts over the steps and a table of the last evaluation; empty without lines. */
  static String html(List<ObjectNode> lines) {
    if (lines.isEmpty()) {
      return "";
    }
    var html = new StringBuilder("<section><h2>Mixers of the streams</h2>\n");
    html.append("<p class=\"soft\">On a piece of validation text at every evaluation. ");
    html.append("A doubly stochastic mixer has rows and columns that sum to 1; ");
    html.append("σ₂, its second singular value, is what of a difference between streams ");
    html.append("it lets through at most.</p>\n<div class=\"charts\">\n");
    html.append(
        new LineChart(
                "Mean diagonal",
                "share that stays in its stream",
                List.of(series("", 0, lines, "diagonal")))
            .svg());
    html.append(
        new LineChart(
                "Second singular value σ₂",
                "",
                List.of(
                    series("mean of the mixers", 0, lines, "sigma2"),
                    series("product of all", 1, lines, "composite_sigma2")))
            .svg());
    html.append(
        new LineChart(
                "Largest |sum of a row or column − 1|",
                "",
                List.of(series("", 0, lines, "error_max")))
            .svg());
    html.append(
        new LineChart(
                "Similarity",
                "mean cosine of two streams at the end",
                List.of(series("", 0, lines, "similarity")))
            .svg());
    return html.append("</div>\n").append(table(lines.getLast())).append("</section>\n").toString();
  }

  private static LineChart.Series series(
      String name, int colour, List<ObjectNode> lines, String field) {
    List<LineChart.Point> points =
        lines.stream()
            .filter(line -> line.path(field).isNumber())
            .map(line ->
                new LineChart.Point(line.path("step").asDouble(), line.path(field).asDouble()))
            .toList();
    return new LineChart.Series(name, "line-" + colour, points, points.size() < 40);
  }

  private static String table(ObjectNode line) {
    var html = new StringBuilder();
    html.append(Numbers.format("<h3>after %,d steps</h3>", line.path("step").asLong()));
    html.append("<div class=\"wide\"><table class=\"numbers\"><thead><tr><th>sublayer</th>");
    html.append("<th>diagonal</th><th>σ₁</th><th>σ₂</th><th>row error</th><th>column error</th>");
    html.append("<th>cosine of streams</th></tr></thead>\n");
    int place = 0;
    for (JsonNode s : line.path("sublayers")) {
      String name = Numbers.format("block %d %s", place / 2, place % 2 == 0 ? "attn" : "mlp");
      html.append(row(name, s));
      place++;
    }
    html.append(row("product", line.path("composite")));
    return html.append("</table></div>\n").toString();
  }

  private static String row(String name, JsonNode s) {
    return Numbers.format(
        "<tr><th>%s</th><td>%.4f</td><td>%.4f</td><td>%.4f</td><td>%.1e</td><td>%.1e</td>"
            + "<td>%.3f</td></tr>%n",
        name,
        s.path("diagonal").asDouble(Double.NaN),
        s.path("sigma1").asDouble(Double.NaN),
        s.path("sigma2").asDouble(Double.NaN),
        s.path("row_error_max").asDouble(Double.NaN),
        s.path("column_error_max").asDouble(Double.NaN),
        s.path("similarity").asDouble(Double.NaN));
  }
}
