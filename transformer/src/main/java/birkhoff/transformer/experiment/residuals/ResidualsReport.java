package birkhoff.transformer.experiment.residuals;

import birkhoff.engine.io.AtomicFile;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.diagnostics.MixerStatistics;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.report.LineChart;
import birkhoff.transformer.report.Numbers;
import birkhoff.transformer.setup.Machine;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The results as files and as a table. */
public final class ResidualsReport {
  /** The page in the folder of the experiment. */
  public static final String PAGE = "residuals.html";

  private static final String DATA = "residuals.json";
  private static final String CSV = "residuals.csv";

  private final ResidualsSettings settings;
  private final List<ResidualsRun> runs;
  private final ResidualsFindings findings;

  /** A report of the runs that are finished, at least one. */
  public ResidualsReport(ResidualsSettings settings, List<ResidualsRun> runs) {
    this.settings = settings;
    this.runs = List.copyOf(runs);
    this.findings = new ResidualsFindings(ResidualsGroup.of(settings, runs));
  }

  /** Writes data, charts and page to the folder of the experiment. */
  public void write() throws IOException {
    Path folder = settings.folder();
    AtomicFile.writeString(folder.resolve(DATA), Json.pretty(json()));
    AtomicFile.writeString(folder.resolve(CSV), csv());
    Map<Integer, List<LineChart>> charts = new LinkedHashMap<>();
    for (int d : findings.streams()) {
      Map<String, LineChart> own = new ResidualsCharts(findings).of(d);
      for (Map.Entry<String, LineChart> chart : own.entrySet()) {
        AtomicFile.writeString(folder.resolve(chart.getKey()), chart.getValue().file());
      }
      charts.put(d, new ArrayList<>(own.values()));
    }
    AtomicFile.writeString(
        folder.resolve(PAGE), new ResidualsPage(settings, runs, findings).html(charts));
  }

  /** A table for a terminal, and what it says. */
  public String table() {
    return new ResidualsTable(findings).text();
  }

  /** Settings, machine, kinds and runs. */
  public ObjectNode json() {
    ObjectNode result = Json.object();
    result.put("experiment", "residuals");
    result.put("runs_planned", settings.plan().size());
    result.put("runs_finished", runs.size());
    ObjectNode skipped = result.putObject("left_out");
    settings.impossible().forEach(skipped::put);
    result.put("start", findings.start());
    ArrayNode said = result.putArray("findings");
    findings.sentences().forEach(said::add);
    ArrayNode kinds = result.putArray("kinds");
    for (ResidualsGroup g : findings.groups()) {
      kinds.add(json(g));
    }
    ArrayNode each = result.putArray("runs");
    for (ResidualsRun run : runs) {
      each.add(json(run));
    }
    result.set("config", RunConfigText.json(settings.base()));
    result.put("processor", Machine.processor());
    result.put("java", Machine.java());
    return result;
  }

  private ObjectNode json(ResidualsGroup g) {
    ObjectNode json = Json.object();
    json.put("kind", g.kind());
    json.put("d", g.streams());
    json.set("initial_loss", g.over(ResidualsRun::initialLoss).toJson());
    json.set("val_loss", g.over(ResidualsRun::valLoss).toJson());
    json.set("gain_over_identity", findings.overControl(g).toJson());
    json.set("gain_over_none", findings.overPlain(g).toJson());
    json.set("tokens_per_second", g.over(ResidualsRun::tokensPerSecond).toJson());
    json.put("parameters", g.runs().getFirst().parameters());
    json.set("native_peak_mb", g.over(ResidualsRun::peakMb).toJson());
    json.set("grad_norm", g.over(ResidualsRun::gradNorm).toJson());
    json.set("grad_norm_max", g.over(ResidualsRun::gradNormMax).toJson());
    if (g.hasMixers()) {
      json.set("diagonal", g.overSublayers(MixerStatistics::diagonal).toJson());
      json.set("sigma2", g.overSublayers(MixerStatistics::sigma2).toJson());
      json.set("composite_sigma2", g.overComposite(MixerStatistics::sigma2).toJson());
      json.set("similarity", g.overComposite(MixerStatistics::similarity).toJson());
      Numbers.put(json, "composite_error_max", g.most(r -> r.composite().errorMax()));
    }
    return json;
  }

  private static ObjectNode json(ResidualsRun run) {
    ObjectNode json = Json.object();
    json.put("kind", run.which().kind());
    json.put("d", run.which().streams());
    json.put("seed", run.which().seed());
    json.put("folder", run.which().folder());
    Numbers.put(json, "initial_loss", run.initialLoss());
    Numbers.put(json, "val_loss", run.valLoss());
    Numbers.put(json, "bits_per_byte", run.bitsPerByte());
    json.put("tokens", run.tokens());
    Numbers.put(json, "tokens_per_second", run.tokensPerSecond());
    json.put("parameters", run.parameters());
    Numbers.put(json, "native_peak_mb", run.peakMb());
    Numbers.put(json, "grad_norm", run.gradNorm());
    Numbers.put(json, "grad_norm_max", run.gradNormMax());
    ArrayNode curve = json.putArray("curve");
    run.losses()
        .forEach(p -> {
          ObjectNode point = curve.addObject();
          point.put("tokens", (long) p.x());
          Numbers.put(point, "val_loss", p.y());
        });
    if (run.composite() != null) {
      ArrayNode sublayers = json.putArray("sublayers");
      run.sublayers().forEach(s -> sublayers.add(s.toJson()));
      json.set("composite", run.composite().toJson());
    }
    return json;
  }

  /** A line per run and place of its mixers: {@code all}, then {@code product} and sublayers. */
  private String csv() {
    var csv =
        new StringBuilder(
            "kind,d,seed,sublayer,initial_loss,val_loss,tokens,tokens_per_second,parameters,"
                + "native_peak_mb,grad_norm,grad_norm_max,row_error_max,row_error_mean,"
                + "column_error_max,column_error_mean,diagonal,sigma1,sigma2,similarity\n");
    for (ResidualsRun run : runs) {
      csv.append(start(run)).append("all,");
      csv.append(run.initialLoss()).append(',').append(run.valLoss()).append(',');
      csv.append(run.tokens()).append(',').append(run.tokensPerSecond()).append(',');
      csv.append(run.parameters()).append(',').append(run.peakMb()).append(',');
      csv.append(run.gradNorm()).append(',').append(run.gradNormMax()).append(",,,,,,,,\n");
      for (int i = 0; i < run.sublayers().size(); i++) {
        csv.append(start(run)).append(i).append(",,,,,,,,").append(line(run.sublayers().get(i)));
      }
      if (run.composite() != null) {
        csv.append(start(run)).append("product,,,,,,,,").append(line(run.composite()));
      }
    }
    return csv.toString();
  }

  private static String start(ResidualsRun run) {
    return run.which().kind() + ',' + run.which().streams() + ',' + run.which().seed() + ',';
  }

  private static String line(MixerStatistics s) {
    double[] values = {
      s.rowErrorMax(),
      s.rowErrorMean(),
      s.columnErrorMax(),
      s.columnErrorMean(),
      s.diagonal(),
      s.sigma1(),
      s.sigma2(),
      s.similarity()
    };
    var line = new StringBuilder();
    for (double value : values) {
      line.append(',').append(value);
    }
    return line.append('\n').toString();
  }
}
