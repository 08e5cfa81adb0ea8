package birkhoff.transformer.metrics;

import birkhoff.engine.io.AtomicFile;
import birkhoff.transformer.report.Html;
import birkhoff.transformer.report.LineChart;
import birkhoff.transformer.report.Numbers;
import birkhoff.transformer.report.Page;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes {@code report.html}: one self-contained page with curves, samples, configuration and
 * machine, made from the files of the run. While the run goes on it is rewritten every few seconds
 * and after every evaluation, and asks the browser to load it again; at the end it stands still.
 */
public final class HtmlReport implements RunSink {
  /** The file in {@code out_dir}. */
  public static final String FILE = "report.html";

  private static final double SMOOTHING = 0.9;
  private static final int SHOWN_SAMPLES = 6;

  private static final Duration RELOAD = Duration.ofSeconds(5);

  /** Writing must not take more than this share of the time. */
  private static final double MOST_TIME = 0.01;

  private final Path outDir;
  private final String title;
  private final Map<String, String> facts;
  private final String configuration;
  private long nextWrite = System.nanoTime();

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
  public void step(StepReport report) throws IOException {
    if (System.nanoTime() - nextWrite >= 0) {
      write(true);
    }
  }

  @Override
  public void evaluated(EvaluationReport report) throws IOException {
    write(true);
  }

  @Override
  public void close() throws IOException {
    write(false);
  }

  private void write(boolean running) throws IOException {
    long start = System.nanoTime();
    AtomicFile.writeString(outDir.resolve(FILE), page(running));
    long spent = System.nanoTime() - start;
    nextWrite = System.nanoTime() + Math.max(RELOAD.toNanos(), (long) (spent / MOST_TIME));
  }

  private String page(boolean running) throws IOException {
    List<ObjectNode> lines = JsonLines.read(outDir.resolve(MetricsFiles.METRICS));
    List<ObjectNode> samples = JsonLines.read(outDir.resolve(MetricsFiles.SAMPLES));
    List<ObjectNode> streams = JsonLines.read(outDir.resolve(MetricsFiles.STREAMS));
    var page = new StringBuilder();
    page.append(Page.start(title));
    if (running) {
      page.append(
          Numbers.format(
              "<p class=\"soft\">The run goes on; this page loads itself again every %d s.</p>%n"
                  + "<script>setTimeout(() => location.reload(), %d)</script>%n",
              RELOAD.toSeconds(), RELOAD.toMillis()));
    }
    page.append(tiles(lines));
    page.append("<section class=\"charts\">\n").append(charts(lines)).append("</section>\n");
    page.append(StreamCharts.html(streams));
    page.append(samples(samples));
    page.append("<section class=\"columns\"><div><h2>Run</h2><table>\n");
    facts.forEach((name, value) -> page.append(Page.row(name, value)));
    page.append("</table></div><div><h2>Configuration</h2><pre>");
    page.append(Html.escape(configuration)).append("</pre></div></section>\n");
    return page.append(Page.END).toString();
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
        + Page.tile("steps", lines.isEmpty() ? Double.NaN : lastOf(lines, "step"), "%,.0f")
        + Page.tile("best validation loss", best, "%.4f")
        + Page.tile("bits per byte", bits, "%.3f")
        + Page.tile("tokens seen", lastOf(lines, "tokens"), "%,.0f")
        + Page.tile("tokens per second", median, "%,.0f")
        + "</section>\n";
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
        + single("Speed", "tokens per second", values(lines, "tokens_per_second"))
        + single("Speed", "% of the machine's peak", percent(values(lines, "mfu")))
        + single("Resident memory", "MB", values(lines, "rss_mb"));
  }

  private static List<LineChart.Point> percent(List<LineChart.Point> shares) {
    return shares.stream().map(p -> new LineChart.Point(p.x(), 100 * p.y())).toList();
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

  private static List<LineChart.Point> smooth(List<LineChart.Point> points) {
    var average = new Smoothing(SMOOTHING);
    return points.stream().map(p -> new LineChart.Point(p.x(), average.add(p.y()))).toList();
  }
}
