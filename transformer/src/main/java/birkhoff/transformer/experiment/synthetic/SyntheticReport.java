package birkhoff.transformer.experiment.synthetic;

import birkhoff.engine.io.AtomicFile;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.report.LineChart;
import birkhoff.transformer.report.Numbers;
import birkhoff.transformer.setup.Machine;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The results of the stream-mixing task as files and as a table. */
public final class SyntheticReport {
  /** The page in the folder of the results. */
  public static final String PAGE = "synthetic.html";

  private static final String DATA = "synthetic.json";
  private static final String CURVES = "curves.csv";

  private final SyntheticSettings settings;
  private final List<SyntheticCurve> curves;
  private final SpeedComparison comparison;
  private final int threads;
  private final double seconds;

  /**
   * @param curves in the order of the plan
   * @param threads runs that went on at the same time
   * @param seconds that all of them took
   */
  public SyntheticReport(
      SyntheticSettings settings, List<SyntheticCurve> curves, int threads, double seconds) {
    this.settings = settings;
    this.curves = List.copyOf(curves);
    this.comparison = SpeedComparison.of(curves);
    this.threads = threads;
    this.seconds = seconds;
  }

  /** Writes the data, the charts and the page, each file whole or not at all. */
  public void write(Path folder) throws IOException {
    List<SyntheticCurve> first = firstSeed();
    Map<String, LineChart> charts = new SyntheticCharts(settings, first).all();
    AtomicFile.writeString(folder.resolve(DATA), Json.pretty(json()));
    AtomicFile.writeString(folder.resolve(CURVES), csv());
    for (Map.Entry<String, LineChart> chart : charts.entrySet()) {
      AtomicFile.writeString(folder.resolve(chart.getKey()), chart.getValue().file());
    }
    var page = new SyntheticPage(settings, first, comparison, threads, kromhc(), seconds);
    AtomicFile.writeString(folder.resolve(PAGE), page.html(charts.values()));
  }

  private double kromhc() {
    return curves.stream()
        .filter(c -> SyntheticExperiment.isCompared(c.which()))
        .filter(c -> c.which().factors().equals("2x2"))
        .mapToDouble(SyntheticCurve::finalMse)
        .average()
        .orElse(Double.NaN);
  }

  private List<SyntheticCurve> firstSeed() {
    return curves.stream().filter(c -> c.which().seed() == settings.seed()).toList();
  }

  /** Settings, machine, and every run without its curve. */
  public ObjectNode json() {
    ObjectNode result = Json.object();
    result.put("experiment", "synthetic");
    ObjectNode to = result.putObject("settings");
    numbers(to.putArray("d"), settings.streams());
    numbers(to.putArray("s"), settings.blockSizes());
    settings.methods().forEach(to.putArray("methods")::add);
    settings.skews().forEach(to.putArray("skew")::add);
    numbers(to.putArray("factors"), settings.factors());
    to.put("epochs", settings.epochs());
    to.put("noise", settings.noise());
    to.put("problems", settings.problems());
    to.put("samples", settings.samples());
    to.put("quirk", settings.quirk());
    to.put("seed", settings.seed());
    to.put("repeats", settings.repeats());
    result.put("minimum", settings.minimum());
    var runs = result.putArray("runs");
    for (SyntheticCurve c : curves) {
      ObjectNode run = runs.addObject();
      describe(run, c.which());
      run.put("parameters", c.parameters());
      run.put("first_mse", c.losses()[0]);
      run.put("final_mse", c.finalMse());
      Numbers.put(run, "final_over_minimum", c.finalMse() / settings.minimum());
      run.put("epochs_to_converge", c.epochsToConverge());
      run.put("ms_per_epoch", c.msPerEpoch());
    }
    result.set("comparison", comparison.json());
    Numbers.put(result, "mean_final_mse_kromhc_2x2", kromhc());
    result.put("threads", threads);
    result.put("seconds", seconds);
    result.put("processor", Machine.processor());
    return result;
  }

  private static void numbers(ArrayNode to, List<Integer> values) {
    values.forEach(to::add);
  }

  private static void describe(ObjectNode to, SyntheticCase c) {
    to.put("method", c.method());
    to.put("d", c.streams());
    if (c.blockSize() > 0) {
      to.put("s", c.blockSize());
      to.put("skew", c.skew());
    }
    if (!c.factors().isEmpty()) {
      to.put("factors", c.factors());
    }
    to.put("seed", c.seed());
  }

  /** The losses at epochs that are equally far apart on a logarithmic axis. */
  private String csv() {
    var csv = new StringBuilder("method,factors,d,s,skew,seed,epoch,mse\n");
    for (SyntheticCurve curve : curves) {
      SyntheticCase c = curve.which();
      String start =
          String.join(
              ",",
              c.method(),
              c.factors(),
              Integer.toString(c.streams()),
              c.blockSize() == 0 ? "" : Integer.toString(c.blockSize()),
              c.skew(),
              Long.toString(c.seed()));
      for (int epoch : SyntheticCharts.epochs(curve.losses().length)) {
        csv.append(start).append(',').append(epoch).append(',');
        csv.append((float) curve.losses()[epoch]).append('\n');
      }
    }
    return csv.toString();
  }

  /** A table for a terminal, of the first seed, and the comparison of all. */
  public String table() {
    var text = new StringBuilder();
    text.append(
        Numbers.format(
            "%-24s %-9s %3s %3s %9s %11s %8s %12s%n",
            "method", "skew", "d", "s", "epochs", "final MSE", "/ min.", "ms per epoch"));
    for (SyntheticCurve curve : firstSeed()) {
      SyntheticCase c = curve.which();
      text.append(
          Numbers.format(
              "%-24s %-9s %3d %3s %,9d %11.6f %8.3f %12.3f%n",
              c.method() + (c.factors().isEmpty() ? "" : " " + c.factors()),
              c.skew(),
              c.streams(),
              c.blockSize() == 0 ? "" : c.blockSize(),
              curve.epochsToConverge(),
              curve.finalMse(),
              curve.finalMse() / settings.minimum(),
              curve.msPerEpoch()));
    }
    if (!comparison.rows().isEmpty()) {
      text.append(
          Numbers.format(
              "%nd=4, %d %s: go_mhc s=2 converges %.1f (%.1f \u2026 %.1f) times earlier than"
                  + " mhc_lite, and %.1f (%.1f \u2026 %.1f) times with one number per entry,"
                  + " that is with equal steps%n",
              comparison.rows().size(),
              comparison.rows().size() == 1 ? "seed" : "seeds",
              comparison.mean(SpeedComparison.Row::timesFull),
              comparison.least(SpeedComparison.Row::timesFull),
              comparison.most(SpeedComparison.Row::timesFull),
              comparison.mean(SpeedComparison.Row::timesTriangle),
              comparison.least(SpeedComparison.Row::timesTriangle),
              comparison.most(SpeedComparison.Row::timesTriangle)));
    }
    return text.toString();
  }
}
