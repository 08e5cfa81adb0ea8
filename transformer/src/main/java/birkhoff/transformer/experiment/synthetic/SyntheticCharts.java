package birkhoff.transformer.experiment.synthetic;

import birkhoff.transformer.report.LineChart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The charts of the stream-mixing task, by the name of their file. */
final class SyntheticCharts {
  private static final List<Integer> CURVES_OF = List.of(2, 4, 8, 16);
  private static final int POINTS_PER_DECADE = 60;

  private final SyntheticSettings settings;
  private final List<SyntheticCurve> curves;
  private final int largest;

  /**
   * @param curves of the first seed; of go_kromhc only one block size is drawn, for the others are
   *     much the same
   */
  SyntheticCharts(SyntheticSettings settings, List<SyntheticCurve> curves) {
    this.settings = settings;
    boolean two = settings.blockSizes().contains(2);
    this.curves =
        curves.stream()
            .filter(c ->
                !two
                    || c.which().blockSize() == 2
                    || !c.which().method().equals(SyntheticMethod.GO_KROMHC.label()))
            .toList();
    this.largest = settings.streams().stream().mapToInt(Integer::intValue).max().orElseThrow();
  }

  /** Files and charts, in the order of the page; those without anything to draw are left out. */
  Map<String, LineChart> all() {
    Map<String, LineChart> charts = new LinkedHashMap<>();
    charts.put("epochs.svg", epochs());
    charts.put("final_mse.svg", finalMse());
    charts.put("epochs_others.svg", others());
    List<Integer> wanted =
        settings.streams().stream().anyMatch(CURVES_OF::contains)
            ? settings.streams().stream().filter(CURVES_OF::contains).toList()
            : settings.streams().subList(0, 1);
    for (int d : wanted) {
      charts.put("curves_d" + d + ".svg", learning(d));
    }
    charts.values().removeIf(c -> c.series().isEmpty());
    return charts;
  }

  private LineChart.Scales scales(boolean logY, String xUnit, boolean level) {
    boolean marked = level && settings.minimum() > 0;
    return new LineChart.Scales(
        true, logY, xUnit, marked ? settings.minimum() : Double.NaN, marked ? "noise\u00b2/3" : "");
  }

  /** As the paper's Figure 8, with its values beside ours. */
  private LineChart epochs() {
    List<LineChart.Series> series = new ArrayList<>(PaperValues.epochs(largest));
    series.addAll(byStreams(c -> Math.max(1, c.epochsToConverge()), c -> main(c) && !isOther(c)));
    return new LineChart("Epochs to converge", "", series, scales(true, "streams d", false));
  }

  private LineChart others() {
    return new LineChart(
        "Epochs to converge, the others",
        "",
        byStreams(c -> Math.max(1, c.epochsToConverge()), this::isOther),
        scales(true, "streams d", false));
  }

  private LineChart finalMse() {
    return new LineChart(
        "Final mean squared error",
        "",
        byStreams(
            SyntheticCurve::finalMse,
            c ->
                !c.which().skew().equals(SyntheticSettings.TRIANGLE)
                    || !settings.skews().contains(SyntheticSettings.FULL)),
        scales(true, "streams d", true));
  }

  private static boolean main(SyntheticCurve c) {
    return c.which().blockSize() == 2 || c.which().blockSize() == 0;
  }

  private boolean isOther(SyntheticCurve c) {
    boolean published =
        c.which().method().equals(SyntheticMethod.GO_MHC.label())
            || c.which().method().equals(SyntheticMethod.MHC_LITE.label())
            || c.which().method().equals(SyntheticMethod.KROMHC.label());
    return !published || !main(c);
  }

  private interface Choice {
    boolean shows(SyntheticCurve c);
  }

  /** A line per method, over d. */
  private List<LineChart.Series> byStreams(ToDoubleFunction<SyntheticCurve> value, Choice choice) {
    Map<String, List<LineChart.Point>> points = new LinkedHashMap<>();
    Map<String, String> styles = new LinkedHashMap<>();
    for (SyntheticCurve c : curves) {
      if (choice.shows(c)) {
        String name = name(c.which());
        styles.put(name, style(c.which()));
        points
            .computeIfAbsent(name, n -> new ArrayList<>())
            .add(new LineChart.Point(c.which().streams(), value.applyAsDouble(c)));
      }
    }
    List<LineChart.Series> series = new ArrayList<>();
    points.forEach((name, p) -> {
      p.sort(java.util.Comparator.comparingDouble(LineChart.Point::x));
      series.add(new LineChart.Series(name, styles.get(name), p, true));
    });
    return series;
  }

  private LineChart learning(int d) {
    List<LineChart.Series> series = new ArrayList<>();
    for (SyntheticCurve c : curves) {
      if (c.which().streams() == d) {
        series.add(new LineChart.Series(name(c.which()), style(c.which()), points(c.losses())));
      }
    }
    return new LineChart("d = " + d, "mean squared error", series, scales(true, "epoch", true));
  }

  private static List<LineChart.Point> points(double[] losses) {
    return epochs(losses.length).stream()
        .filter(e -> e > 0)
        .map(e -> new LineChart.Point(e, losses[e]))
        .toList();
  }

  /** Epochs that are equally far apart on a logarithmic axis, with the first and the last one. */
  static List<Integer> epochs(int all) {
    List<Integer> epochs = new ArrayList<>(List.of(0));
    for (int k = 0; ; k++) {
      int epoch = (int) Math.round(Math.pow(10, (double) k / POINTS_PER_DECADE));
      if (epoch >= all - 1) {
        epochs.add(all - 1);
        return epochs;
      }
      if (epoch > epochs.getLast()) {
        epochs.add(epoch);
      }
    }
  }

  /** The name of a line: no factors where d says them. */
  private static String name(SyntheticCase c) {
    String size = c.blockSize() == 0 ? "" : " s=" + c.blockSize();
    boolean other = c.method().equals(SyntheticMethod.KROMHC.label()) && firstFactor(c) != 2;
    return c.method()
        + (other ? " of " + firstFactor(c) : "")
        + size
        + (c.skew().isEmpty() ? "" : " " + c.skew());
  }

  private static int firstFactor(SyntheticCase c) {
    return c.config().factors().getFirst();
  }

  private static String style(SyntheticCase c) {
    String colour =
        switch (SyntheticMethod.of(c.method())) {
          case GO_MHC -> c.blockSize() == 2 ? "line-0" : c.blockSize() == 1 ? "line-7" : "line-4";
          case MHC_LITE -> "line-1";
          case KROMHC -> "line-3";
          case MHC -> "line-5";
          case GO_KROMHC -> "line-6";
        };
    return colour + (c.skew().equals(SyntheticSettings.TRIANGLE) ? " dashed" : "");
  }
}
