package birkhoff.transformer.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * A line chart as inline SVG. Colours come from the CSS classes {@code line-0}, {@code line-1}, …
 * of the page, so that the page decides about light and dark.
 *
 * @param title above the plot
 * @param unit of the vertical axis; may be empty
 * @param series drawn in order
 */
record LineChart(String title, String unit, List<Series> series) {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 280;
  private static final int LEFT = 58;
  private static final int RIGHT = 14;
  private static final int TOP = 34;
  private static final int BOTTOM = 34;
  private static final int MAX_POINTS = 800;
  private static final int TICKS = 5;

  /** One point. */
  record Point(double x, double y) {}

  /**
   * A named line.
   *
   * @param style {@code line-0} and so on; {@code faint} may follow
   */
  record Series(String name, String style, List<Point> points) {}

  /** Copies the series and leaves out those with fewer than two finite points. */
  LineChart {
    series =
        series.stream()
            .map(s -> new Series(s.name(), s.style(), thin(finite(s.points()))))
            .filter(s -> s.points().size() > 1)
            .toList();
  }

  /** The SVG element, or an empty text when there is nothing to draw. */
  String svg() {
    if (series.isEmpty()) {
      return "";
    }
    Axis x = Axis.of(series.stream().flatMap(s -> s.points().stream()).mapToDouble(Point::x));
    Axis y = Axis.of(series.stream().flatMap(s -> s.points().stream()).mapToDouble(Point::y));
    var svg = new StringBuilder();
    svg.append(
        Numbers.format(
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
            WIDTH, HEIGHT, Html.escape(title)));
    svg.append(text(LEFT, 18, "title", "start", title + (unit.isEmpty() ? "" : " (" + unit + ")")));
    for (double tick : y.ticks()) {
      double at = py(y, tick);
      svg.append(
          Numbers.format(
              "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>%n",
              LEFT, at, WIDTH - RIGHT, at));
      svg.append(text(LEFT - 8, at + 4, "tick", "end", y.label(tick)));
    }
    for (double tick : x.ticks()) {
      svg.append(text(px(x, tick), HEIGHT - BOTTOM + 18, "tick", "middle", x.label(tick)));
    }
    for (Series s : series) {
      svg.append("<polyline class=\"line ").append(s.style()).append("\" points=\"");
      for (Point p : s.points()) {
        svg.append(Numbers.format("%.1f,%.1f ", px(x, p.x()), py(y, p.y())));
      }
      svg.append("\"/>\n");
    }
    svg.append(legend());
    return svg.append("</svg>\n").toString();
  }

  private String legend() {
    var legend = new StringBuilder();
    double at = WIDTH - RIGHT;
    for (int i = series.size() - 1; i >= 0; i--) {
      Series s = series.get(i);
      if (s.name().isEmpty() || series.size() == 1) {
        continue;
      }
      legend.append(text(at, 18, "tick", "end", s.name()));
      at -= 6.2 * s.name().length() + 8;
      legend.append(
          Numbers.format(
              "<line class=\"line %s\" x1=\"%.1f\" y1=\"14\" x2=\"%.1f\" y2=\"14\"/>%n",
              s.style(), at - 18, at));
      at -= 32;
    }
    return legend.toString();
  }

  private static String text(double x, double y, String style, String anchor, String text) {
    return Numbers.format(
        "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
        style, x, y, anchor, Html.escape(text));
  }

  private static double px(Axis axis, double value) {
    return LEFT + axis.fraction(value) * (WIDTH - LEFT - RIGHT);
  }

  private static double py(Axis axis, double value) {
    return HEIGHT - BOTTOM - axis.fraction(value) * (HEIGHT - TOP - BOTTOM);
  }

  private static List<Point> finite(List<Point> points) {
    return points.stream().filter(p -> Double.isFinite(p.x()) && Double.isFinite(p.y())).toList();
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

  /** A range with round ticks. */
  private record Axis(double low, double high, double step) {
    static Axis of(DoubleStream values) {
      var range = values.summaryStatistics();
      double low = range.getMin();
      double high = range.getMax();
      if (high - low < 1e-12 * Math.max(1, Math.abs(high))) {
        double margin = high == 0 ? 1 : Math.abs(high) / 2;
        low -= margin;
        high += margin;
      }
      double rough = (high - low) / TICKS;
      double power = Math.pow(10, Math.floor(Math.log10(rough)));
      double digit = rough / power;
      double step = power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
      return new Axis(low, high, step);
    }

    double fraction(double value) {
      return (value - low) / (high - low);
    }

    List<Double> ticks() {
      List<Double> ticks = new ArrayList<>();
      for (long k = (long) Math.ceil(low / step - 1e-9);
          (double) k * step <= high + step * 1e-9;
          k++) {
        ticks.add((double) k * step);
      }
      return ticks;
    }

    String label(double tick) {
      double size = Math.max(Math.abs(low), Math.abs(high));
      if (tick == 0) {
        return "0";
      }
      if (size >= 10_000) {
        return step >= 1000
            ? Numbers.format("%.0fk", tick / 1000)
            : Numbers.format("%.1fk", tick / 1000);
      }
      if (size < 1e-2) {
        return Numbers.format("%.1e", tick);
      }
      int digits = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
      return Numbers.format("%." + digits + "f", tick);
    }
  }
}
