package birkhoff.transformer.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * A line chart as inline SVG. Colours come from the CSS classes {@code line-0} to {@code line-7} of
 * the page, so that the page decides about light and dark.
 *
 * @param title above the plot
 * @param unit of the vertical axis; may be empty
 * @param series drawn in order
 * @param scales of the axes
 */
public record LineChart(String title, String unit, List<Series> series, Scales scales) {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 280;
  private static final int LEFT = 58;
  private static final int RIGHT = 14;
  private static final int TOP = 34;
  private static final int BOTTOM = 34;
  private static final int LEGEND_ROW = 18;
  private static final int MAX_POINTS = 800;

  /** One point. */
  public record Point(double x, double y) {}

  /** Where values lie at one place of a band. */
  public record Range(double x, double low, double high) {}

  /**
   * A named line.
   *
   * @param style {@code line-0} and so on; {@code faint}, {@code dashed} or {@code ghost} may
   *     follow
   * @param dots whether its points are marked
   * @param band drawn around the line, such as a deviation; empty for none
   */
  public record Series(
      String name, String style, List<Point> points, boolean dots, List<Range> band) {
    /** A line without marks. */
    public Series(String name, String style, List<Point> points) {
      this(name, style, points, false);
    }

    /** A line without a band. */
    public Series(String name, String style, List<Point> points, boolean dots) {
      this(name, style, points, dots, List.of());
    }
  }

  /**
   * How the axes run.
   *
   * @param logX whether the horizontal axis is logarithmic
   * @param logY whether the vertical axis is
   * @param xUnit under the horizontal axis; may be empty
   * @param level a value that a horizontal line marks; NaN for none
   * @param levelName of that line
   */
  public record Scales(boolean logX, boolean logY, String xUnit, double level, String levelName) {
    /** Both linear, nothing marked. */
    public static final Scales LINEAR = new Scales(false, false, "", Double.NaN, "");
  }

  /** Copies the series and leaves out points that cannot be drawn, and lines without any two. */
  public LineChart {
    boolean logX = scales.logX;
    boolean logY = scales.logY;
    series =
        series.stream()
            .map(s ->
                new Series(
                    s.name,
                    s.style,
                    thin(drawable(s.points, logX, logY)),
                    s.dots,
                    drawableBand(s.band, logX, logY)))
            .filter(s -> s.points.size() > (s.dots ? 0 : 1))
            .toList();
  }

  /** Linear axes. */
  public LineChart(String title, String unit, List<Series> series) {
    this(title, unit, series, Scales.LINEAR);
  }

  /** A file of its own: the SVG element with its style; empty when there is nothing to draw. */
  public String file() {
    String svg = svg();
    return svg.replaceFirst(
        "(<svg) ([^\n]*>)\n",
        "$1 xmlns=\"http://www.w3.org/2000/svg\" $2\n<style>\n"
            + Page.CHART_STYLE
            + "svg { background:var(--card); }\n</style>\n");
  }

  /** The SVG element, or an empty text when there is nothing to draw. */
  public String svg() {
    if (series.isEmpty()) {
      return "";
    }
    DoubleStream level =
        Double.isFinite(scales.level) ? DoubleStream.of(scales.level) : DoubleStream.empty();
    Axis x = Axis.of(all().mapToDouble(Point::x), scales.logX);
    DoubleStream bands =
        series.stream()
            .flatMap(s -> s.band.stream())
            .flatMapToDouble(r -> DoubleStream.of(r.low, r.high));
    DoubleStream heights = DoubleStream.concat(all().mapToDouble(Point::y), bands);
    Axis y = Axis.of(DoubleStream.concat(heights, level), scales.logY);
    String legend = legend();
    int more = legend.isEmpty() ? 0 : LEGEND_ROW * rows();
    int height = HEIGHT + more + (scales.xUnit.isEmpty() ? 0 : 16);
    var frame = new Frame(x, y, TOP + more, TOP + more + HEIGHT - TOP - BOTTOM);
    var svg = new StringBuilder();
    svg.append(
        Numbers.format(
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
            WIDTH, height, Html.escape(title)));
    svg.append(text(LEFT, 18, "title", "start", title + (unit.isEmpty() ? "" : " (" + unit + ")")));
    for (double tick : y.ticks()) {
      double at = frame.y(tick);
      svg.append(rule("grid", at)).append(text(LEFT - 8, at + 4, "tick", "end", y.label(tick)));
    }
    for (double tick : x.ticks()) {
      svg.append(text(frame.x(tick), frame.bottom + 18, "tick", "middle", x.label(tick)));
    }
    if (!scales.xUnit.isEmpty()) {
      svg.append(text(WIDTH - RIGHT, frame.bottom + 36, "tick", "end", scales.xUnit));
    }
    if (Double.isFinite(scales.level)) {
      double at = frame.y(scales.level);
      svg.append(rule("level", at));
      svg.append(text(LEFT + 6, at - 5, "tick", "start", scales.levelName));
    }
    series.forEach(s -> svg.append(frame.band(s)));
    series.forEach(s -> svg.append(frame.line(s)));
    return svg.append(legend).append("</svg>\n").toString();
  }

  private java.util.stream.Stream<Point> all() {
    return series.stream().flatMap(s -> s.points.stream());
  }

  /** Where values are drawn. */
  private record Frame(Axis horizontal, Axis vertical, int top, int bottom) {
    double x(double value) {
      return LEFT + horizontal.fraction(value) * (WIDTH - LEFT - RIGHT);
    }

    double y(double value) {
      return bottom - vertical.fraction(value) * (bottom - top);
    }

    String band(Series s) {
      if (s.band.size() < 2) {
        return "";
      }
      var svg = new StringBuilder("<polygon class=\"band ").append(s.style.split(" ")[0]);
      svg.append("\" points=\"");
      for (Range r : s.band) {
        svg.append(Numbers.format("%.1f,%.1f ", x(r.x), y(r.high)));
      }
      for (Range r : s.band.reversed()) {
        svg.append(Numbers.format("%.1f,%.1f ", x(r.x), y(r.low)));
      }
      return svg.append("\"/>\n").toString();
    }

    String line(Series s) {
      var svg = new StringBuilder("<polyline class=\"line ").append(s.style);
      svg.append("\" points=\"");
      for (Point p : s.points) {
        svg.append(Numbers.format("%.1f,%.1f ", x(p.x), y(p.y)));
      }
      svg.append("\"/>\n");
      for (Point p : s.dots ? s.points : List.<Point>of()) {
        svg.append(
            Numbers.format(
                "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%s: %s,"
                    + " %s</title></circle>%n",
                s.style.split(" ")[0],
                x(p.x),
                y(p.y),
                Html.escape(s.name),
                Numbers.format("%.4g", p.x),
                Numbers.format("%.4g", p.y)));
      }
      return svg.toString();
    }
  }

  private static double width(Series s) {
    return 32 + 6.4 * s.name.length();
  }

  /** The named lines; one alone needs no name. */
  private List<Series> named() {
    return series.size() == 1 ? List.of() : series.stream().filter(s -> !s.name.isEmpty()).toList();
  }

  /** Rows of the legend below the title; 0 when it has room beside it. */
  private int rows() {
    double beside = WIDTH - RIGHT - LEFT - 7.5 * (title.length() + unit.length() + 3);
    double wanted = named().stream().mapToDouble(LineChart::width).sum();
    if (wanted <= beside) {
      return 0;
    }
    int rows = 1;
    double at = LEFT;
    for (Series s : named()) {
      if (at + width(s) > WIDTH && at > LEFT) {
        rows++;
        at = LEFT;
      }
      at += width(s);
    }
    return rows;
  }

  private String legend() {
    var legend = new StringBuilder();
    double wanted = named().stream().mapToDouble(LineChart::width).sum();
    boolean beside = rows() == 0;
    double at = beside ? WIDTH - RIGHT - wanted : LEFT;
    double y = beside ? 14 : 34;
    for (Series s : named()) {
      if (!beside && at + width(s) > WIDTH && at > LEFT) {
        at = LEFT;
        y += LEGEND_ROW;
      }
      legend.append(
          Numbers.format(
              "<line class=\"line %s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
              s.style, at, y, at + 18, y));
      legend.append(text(at + 22, y + 4, "tick", "start", s.name));
      at += width(s);
    }
    return legend.toString();
  }

  private static String rule(String style, double at) {
    return Numbers.format(
        "<line class=\"%s\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>%n",
        style, LEFT, at, WIDTH - RIGHT, at);
  }

  private static String text(double x, double y, String style, String anchor, String text) {
    return Numbers.format(
        "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
        style, x, y, anchor, Html.escape(text));
  }

  private static List<Point> drawable(List<Point> points, boolean logX, boolean logY) {
    return points.stream()
        .filter(p -> Double.isFinite(p.x) && Double.isFinite(p.y))
        .filter(p -> !(logX && p.x <= 0 || logY && p.y <= 0))
        .toList();
  }

  private static List<Range> drawableBand(List<Range> band, boolean logX, boolean logY) {
    return band.stream()
        .filter(r -> Double.isFinite(r.x) && Double.isFinite(r.low) && Double.isFinite(r.high))
        .filter(r -> !(logX && r.x <= 0 || logY && r.low <= 0))
        .toList();
  }

  /** Averages neighbours until at most {@link #MAX_POINTS} are left. */
  private static List<Point> thin(List<Point> points) {
    int bucket = Math.ceilDiv(points.size(), MAX_POINTS);
    if (bucket <= 1) {
      return points;
    }
    List<Point> thinned = new ArrayList<>();
    for (int from = 0; from < points.size(); from += bucket) {
      List<Point> part = points.subList(from, Math.min(from + bucket, points.size()));
      thinned.add(
          new Point(
              part.stream().mapToDouble(Point::x).average().orElseThrow(),
              part.stream().mapToDouble(Point::y).average().orElseThrow()));
    }
    return thinned;
  }
}
