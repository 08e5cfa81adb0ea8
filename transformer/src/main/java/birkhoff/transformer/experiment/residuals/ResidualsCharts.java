package birkhoff.transformer.experiment.residuals;

import birkhoff.transformer.diagnostics.MixerStatistics;
import birkhoff.transformer.report.LineChart;
import birkhoff.transformer.report.LineChart.Point;
import birkhoff.transformer.report.LineChart.Range;
import birkhoff.transformer.report.LineChart.Series;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The charts by the name of their file, one colour per kind: means over the seeds, with a band of
 * one deviation to each side.
 */
record ResidualsCharts(ResidualsFindings findings) {
  /** Curves of single steps are averaged over so many stretches. */
  private static final int STRETCHES = 50;

  private static final double LATE = 0.25;

  /** The charts of a number of streams, the plain residual with them. */
  Map<String, LineChart> of(int d) {
    List<ResidualsGroup> groups =
        findings.groups().stream().filter(g -> !g.hasMixers() || g.streams() == d).toList();
    List<ResidualsGroup> mixers = groups.stream().filter(ResidualsGroup::hasMixers).toList();
    String end = "_d" + d + ".svg";
    String at = ", d = " + d;
    Map<String, LineChart> charts = new LinkedHashMap<>();
    charts.put("loss" + end, loss(groups, "Validation loss" + at, 0));
    charts.put("loss_late" + end, loss(groups, "The same without its first quarter" + at, LATE));
    charts.put("gain" + end, gain(groups, at));
    charts.put("grad_norm" + end, gradNorm(groups, at));
    charts.put(
        "diagonal" + end,
        bySublayer(mixers, "Mean diagonal of the mixer" + at, MixerStatistics::diagonal));
    charts.put(
        "sigma2" + end,
        bySublayer(mixers, "Second singular value of the mixer" + at, MixerStatistics::sigma2));
    charts.put(
        "similarity" + end,
        bySublayer(mixers, "Cosine between two streams" + at, MixerStatistics::similarity));
    charts.values().removeIf(c -> c.series().isEmpty());
    return charts;
  }

  private static LineChart.Scales over(String unit) {
    return new LineChart.Scales(false, false, unit, Double.NaN, "");
  }

  private LineChart loss(List<ResidualsGroup> groups, String title, double from) {
    List<Series> series = new ArrayList<>();
    for (ResidualsGroup g : groups) {
      List<ResidualsGroup.At> curve = g.curve(ResidualsRun::losses);
      double first = from * curve.getLast().x();
      series.add(line(g, curve.stream().filter(a -> a.x() >= first).toList(), false));
    }
    return new LineChart(title, "nats per token", series, over("tokens"));
  }

  private LineChart gain(List<ResidualsGroup> groups, String at) {
    List<Series> series = new ArrayList<>();
    for (ResidualsGroup g : groups) {
      if (g.hasMixers() && !g.isControl()) {
        findings
            .control(g)
            .ifPresent(control -> series.add(line(g, late(g.gainCurve(control)), false)));
      }
    }
    return new LineChart(
        "Gain over identity" + at,
        "nats",
        series,
        new LineChart.Scales(false, false, "tokens", 0, "identity"));
  }

  private static List<ResidualsGroup.At> late(List<ResidualsGroup.At> curve) {
    return curve.isEmpty()
        ? curve
        : curve.stream().filter(a -> a.x() >= LATE * curve.getLast().x()).toList();
  }

  private LineChart gradNorm(List<ResidualsGroup> groups, String at) {
    List<Series> series = new ArrayList<>();
    for (ResidualsGroup g : groups) {
      series.add(line(g, g.curve(r -> stretches(r.gradNorms())), false));
    }
    return new LineChart("Gradient norm" + at, "before clipping", series, over("tokens"));
  }

  /** Means of neighbours; all runs have the same steps, so the same places result. */
  private static List<Point> stretches(List<Point> points) {
    int size = Math.ceilDiv(Math.max(1, points.size()), STRETCHES);
    List<Point> means = new ArrayList<>();
    for (int from = 0; from < points.size(); from += size) {
      List<Point> part = points.subList(from, Math.min(from + size, points.size()));
      means.add(
          new Point(
              part.getLast().x(), part.stream().mapToDouble(Point::y).average().orElseThrow()));
    }
    return means;
  }

  private static LineChart bySublayer(
      List<ResidualsGroup> groups, String title, ToDoubleFunction<MixerStatistics> value) {
    List<Series> series = new ArrayList<>();
    for (ResidualsGroup g : groups) {
      List<ResidualsGroup.At> curve = new ArrayList<>();
      for (int i = 0; i < g.sublayers(); i++) {
        curve.add(new ResidualsGroup.At(i + 1, g.ofSublayer(i, value)));
      }
      series.add(line(g, curve, true));
    }
    return new LineChart(title, "", series, over("sublayer: attention 1, 3, …; MLP 2, 4, …"));
  }

  private static Series line(ResidualsGroup group, List<ResidualsGroup.At> curve, boolean dots) {
    List<Point> points = curve.stream().map(a -> new Point(a.x(), a.y().mean())).toList();
    List<Range> band =
        curve.stream()
            .map(a ->
                new Range(
                    a.x(), a.y().mean() - a.y().deviation(), a.y().mean() + a.y().deviation()))
            .toList();
    return new Series(group.kind(), style(group.kind()), points, dots, band);
  }

  /** The colour of a kind, as in the other experiments. */
  static String style(String kind) {
    return switch (kind) {
      case "go_mhc" -> "line-0";
      case "mhc_lite" -> "line-1";
      case "none" -> "line-2";
      case "kromhc" -> "line-3";
      case "hc" -> "line-4";
      case "mhc" -> "line-5";
      case "go_kromhc" -> "line-6";
      default -> "line-7";
    };
  }
}
