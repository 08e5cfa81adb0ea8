package birkhoff.transformer.metrics;

import birkhoff.engine.io.AtomicFile;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes {@code report.html}: one self-contained page with curves, samples, configuration and
 * machine, made from the files of the run. Rewritten after every evaluation and at the end.
 */
public final class HtmlReport implements RunSink {
  /** The file in {@code out_dir}. */
  public static final String FILE = "report.html";

  private static final double SMOOTHING = 0.9;
  private static final int SHOWN_SAMPLES = 6;

  private final Path outDir;
  private final String title;
  private final Map<String, String> facts;
  private final String configuration;

  /**
   * Describes the page.
   *
   * @param outDir of the run
   * @param title of the page
   * @param facts model, data and machine, in order
   * @param configuration as TOML
   */
  public HtmlReport(Path outDir, String title, Map<String, String> facts, String configuration) {
    this.outDir = outDir;
    this.title = title;
    this.facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    this.configuration = configuration;
  }

  @Override
  public void evaluated(EvaluationReport report) throws IOException {
    write();
  }

  @Override
  public void close() throws IOException {
    write();
  }

  private void write() throws IOException {
    List<ObjectNode> lines = JsonLines.read(outDir.resolve(MetricsFiles.METRICS));
    List<ObjectNode> samples = JsonLines.read(outDir.resolve(MetricsFiles.SAMPLES));
    var page = new StringBuilder();
    page.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.append("<title>").append(Html.escape(title)).append("</title>\n");
    page.append("<style>\n").append(STYLE).append("</style></head>\n<body><main>\n");
    page.append("<h1>").append(Html.escape(title)).append("</h1>\n");
    page.append(tiles(lines));
    page.append("<section class=\"charts\">\n").append(charts(lines)).append("</section>\n");
    page.append(samples(samples));
    page.append("<section class=\"columns\"><div><h2>Run</h2><table>\n");
    facts.forEach((name, value) -> page.append(row(name, value)));
    page.append("</table></div><div><h2>Configuration</h2><pre>");
    page.append(Html.escape(configuration)).append("</pre></div></section>\n");
    page.append("</main></body></html>\n");
    AtomicFile.writeString(outDir.resolve(FILE), page.toString());
  }

  private static String tiles(List<ObjectNode> lines) {
    double best =
        values(lines, "val_loss").stream().mapToDouble(LineChart.Point::y).min().orElse(Double.NaN);
    double bits = lastOf(lines, "bits_per_byte");
    double[] speeds =
        values(lines, "tokens_per_second").stream()
            .mapToDouble(LineChart.Point::y)
            .sorted()
            .toArray();
    double median = speeds.length == 0 ? Double.NaN : speeds[speeds.length / 2];
    return "<section class=\"tiles\">\n"
        + tile("steps", lines.isEmpty() ? Double.NaN : lastOf(lines, "step"), "%,.0f")
        + tile("best validation loss", best, "%.4f")
        + tile("bits per byte", bits, "%.3f")
        + tile("tokens seen", lastOf(lines, "tokens"), "%,.0f")
        + tile("tokens per second", median, "%,.0f")
        + "</section>\n";
  }

  private static String tile(String name, double value, String pattern) {
    String shown = Double.isFinite(value) ? Numbers.format(pattern, value) : "–";
    return "<div><b>" + shown + "</b><span>" + name + "</span></div>\n";
  }

  private static String charts(List<ObjectNode> lines) {
    List<LineChart.Point> loss = values(lines, "loss");
    return new LineChart(
                "Loss",
                "nats per token",
                List.of(
                    new LineChart.Series("", "line-2 faint", loss),
                    new LineChart.Series("steps", "line-2", smooth(loss)),
                    new LineChart.Series("train", "line-1", values(lines, "train_loss")),
                    new LineChart.Series("validation", "line-0", values(lines, "val_loss"))))
            .svg()
        + single("Learning rate", "", values(lines, "lr"))
        + single("Gradient norm", "before clipping", values(lines, "grad_norm"))
        + single("Speed", "tokens per second", values(lines, "tokens_per_second"));
  }

  private static String single(String title, String unit, List<LineChart.Point> points) {
    return new LineChart(title, unit, List.of(new LineChart.Series("", "line-0", points))).svg();
  }

  private static String samples(List<ObjectNode> samples) {
    if (samples.isEmpty()) {
      return "";
    }
    var html = new StringBuilder("<section><h2>Samples</h2>\n");
    int first = Math.max(0, samples.size() - SHOWN_SAMPLES);
    for (int i = samples.size() - 1; i >= first; i--) {
      ObjectNode sample = samples.get(i);
      html.append("<h3>after ").append(sample.path("step").asLong()).append(" steps</h3><pre>");
      html.append(Html.escape(sample.path("text").asText().strip())).append("</pre>\n");
    }
    return html.append("</section>\n").toString();
  }

  private static String row(String name, String value) {
    return "<tr><th>" + Html.escape(name) + "</th><td>" + Html.escape(value) + "</td></tr>\n";
  }

  private static List<LineChart.Point> values(List<ObjectNode> lines, String name) {
    List<LineChart.Point> points = new ArrayList<>();
    for (ObjectNode line : lines) {
      if (line.path(name).isNumber()) {
        points.add(new LineChart.Point(line.path("step").asDouble(), line.path(name).asDouble()));
      }
    }
    return points;
  }

  private static double lastOf(List<ObjectNode> lines, String name) {
    List<LineChart.Point> points = values(lines, name);
    return points.isEmpty() ? Double.NaN : points.getLast().y();
  }

  /** Exponential moving average with the start corrected. */
  private static List<LineChart.Point> smooth(List<LineChart.Point> points) {
    List<LineChart.Point> smoothed = new ArrayList<>();
    double sum = 0;
    double weight = 0;
    for (LineChart.Point p : points) {
      sum = SMOOTHING * sum + (1 - SMOOTHING) * p.y();
      weight = SMOOTHING * weight + (1 - SMOOTHING);
      smoothed.add(new LineChart.Point(p.x(), sum / weight));
    }
    return smoothed;
  }

  private static final String STYLE =
      """
      :root { --page:#fbfbfa; --card:#fff; --ink:#1d2129; --soft:#68707d; --rule:#e4e6ea;
        --a:#1d5fd1; --b:#c2571a; --c:#6b7686; }
      @media (prefers-color-scheme: dark) {
        :root { --page:#14161a; --card:#1c1f25; --ink:#e6e8ec; --soft:#98a1af; --rule:#2d323b;
          --a:#6ea3ff; --b:#f0975a; --c:#8f9aaa; } }
      * { box-sizing:border-box; }
      body { margin:0; background:var(--page); color:var(--ink);
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif; }
      main { max-width:1320px; margin:0 auto; padding:28px 20px 48px; }
      h1 { font-size:24px; margin:0 0 18px; } h2 { font-size:17px; margin:30px 0 10px; }
      h3 { font-size:13px; font-weight:600; color:var(--soft); margin:14px 0 6px; }
      .tiles { display:flex; flex-wrap:wrap; gap:12px; margin-bottom:16px; }
      .tiles div { flex:1 1 150px; background:var(--card); border:1px solid var(--rule);
        border-radius:10px; padding:12px 16px; }
      .tiles b { display:block; font-size:22px; font-variant-numeric:tabular-nums; }
      .tiles span { color:var(--soft); font-size:13px; }
      .charts { display:grid; grid-template-columns:repeat(auto-fill,minmax(min(100%,520px),1fr));
        gap:12px; }
      svg { width:100%; height:auto; background:var(--card); border:1px solid var(--rule);
        border-radius:10px; }
      svg text { font:12px system-ui,sans-serif; fill:var(--soft); }
      svg text.title { font-size:14px; font-weight:600; fill:var(--ink); }
      .grid { stroke:var(--rule); stroke-width:1; }
      .line { fill:none; stroke-width:1.8; stroke-linejoin:round; stroke-linecap:round; }
      .line-0 { stroke:var(--a); } .line-1 { stroke:var(--b); } .line-2 { stroke:var(--c); }
      .faint { opacity:.3; stroke-width:1; }
      pre { background:var(--card); border:1px solid var(--rule); border-radius:10px; margin:0;
        padding:12px 16px; overflow-x:auto; font:13px/1.45 ui-monospace,Menlo,Consolas,monospace;
        white-space:pre-wrap; overflow-wrap:anywhere; }
      .columns { display:grid; grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));
        gap:0 20px; align-items:start; }
      table { border-collapse:collapse; width:100%; }
      th,td { text-align:left; vertical-align:top; padding:5px 12px 5px 0;
        border-bottom:1px solid var(--rule); overflow-wrap:anywhere; }
      th { font-weight:500; color:var(--soft); white-space:nowrap; }
      """;
}
