package birkhoff.transformer.metrics;

import birkhoff.engine.profile.MachineLimits;
import birkhoff.transformer.report.Html;
import birkhoff.transformer.report.Numbers;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The roofline (Williams, Waterman and Patterson, 2009) as inline SVG: arithmetic per byte against
 * arithmetic per second, both logarithmic; the roofs are the multiply-add peak and what each level
 * of memory can feed. Operations without matrix products have no place in it.
 */
final class Roofline {
  private static final int WIDTH = 1280;
  private static final int HEIGHT = 440;
  private static final int LEFT = 64;
  private static final int RIGHT = 20;
  private static final int TOP = 62;
  private static final int BOTTOM = 44;
  // FLOP per byte.
  private static final double LEAST = 0.25;
  private static final double MOST = 4096;
  // How far below the peak the axis reaches.
  private static final double DEPTH = 100;
  // Points that are so close would meet each other's names.
  private static final double NEAR_X = 140;
  private static final double NEAR_Y = 22;
  private static final double AWAY = 9;

  private final double peak;
  private final double top;

  private Roofline(double peak) {
    this.peak = peak;
    this.top = 2 * peak;
  }

  static String svg(ObjectNode result, MachineLimits limits, Palette palette) {
    return new Roofline(limits.flopsPerSecond()).draw(result, limits, palette);
  }

  private String draw(ObjectNode result, MachineLimits limits, Palette palette) {
    var svg = new StringBuilder();
    svg.append(
        Numbers.format(
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Roofline\">%n", WIDTH, HEIGHT));
    svg.append(palette.legend(LEFT, 22));
    for (double decade = 1e8; decade < top; decade *= 10) {
      for (int digit : new int[] {1, 2, 5}) {
        double g = digit * decade;
        if (g > top / DEPTH && g < top) {
          svg.append(line("grid", LEAST, g, MOST, g));
          svg.append(
              text(LEFT - 8, y(g) + 4, "end", Numbers.format(g < 1e9 ? "%.1f" : "%,.0f", g / 1e9)));
        }
      }
    }
    for (double x = LEAST; x <= MOST; x *= 4) {
      svg.append(
          text(x(x), HEIGHT - 22, "middle", x < 1 ? "1/" + Math.round(1 / x) : "" + Math.round(x)));
    }
    svg.append(text(LEFT - 8, TOP - 14, "end", "GFLOP/s"));
    svg.append(text(WIDTH - RIGHT, HEIGHT - 6, "end", "FLOP per byte"));
    for (MachineLimits.Read read : limits.reads()) {
      double ridge = peak / read.bytesPerSecond();
      double from = Math.max(LEAST, top / DEPTH / read.bytesPerSecond());
      svg.append(line("roof", from, from * read.bytesPerSecond(), ridge, peak));
    }
    double fastest =
        limits.reads().stream().mapToDouble(MachineLimits.Read::bytesPerSecond).max().orElseThrow();
    svg.append(line("roof", Math.max(LEAST, peak / fastest), peak, MOST, peak));
    svg.append(text(x(MOST), y(peak) - 6, "end", Numbers.format("%.0f GFLOP/s", peak / 1e9)));
    for (int i = 0; i < limits.reads().size(); i++) {
      svg.append(level(limits.reads().get(i), i));
    }
    List<Point> points = points(result);
    // Names first: what surrounds a letter must not cover a point.
    points.forEach(p -> svg.append(name(p, points)));
    points.forEach(p -> svg.append(circle(p, palette)));
    return svg.append("</svg>\n").toString();
  }

  /** An operation with matrix products; {@code x} and {@code y} are where it is drawn. */
  private record Point(
      String label, double share, double intensity, double rate, double x, double y) {}

  private List<Point> points(ObjectNode result) {
    List<Point> points = new ArrayList<>();
    for (JsonNode o : result.get("operations")) {
      double rate = o.get("gflops").asDouble() * 1e9;
      double moved = o.get("mb_per_step").asDouble() * 1e6;
      if (rate > top / DEPTH && moved > 0) {
        double intensity = o.get("gflop_per_step").asDouble() * 1e9 / moved;
        points.add(
            new Point(
                o.get("name").asText(),
                o.get("share").asDouble(),
                intensity,
                rate,
                x(Math.clamp(intensity, LEAST, MOST)),
                y(rate)));
      }
    }
    return points;
  }

  private static String circle(Point p, Palette palette) {
    return Numbers.format(
        "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>%s: %.1f FLOP per byte,"
            + " %.1f GFLOP/s</title></circle>%n",
        palette.style(Palette.name(p.label)),
        p.x,
        p.y,
        4 + 10 * Math.sqrt(p.share),
        Html.escape(p.label),
        p.intensity,
        p.rate / 1e9);
  }

  /** The name beside its point, out of the way of points close above or below. */
  private static String name(Point p, List<Point> all) {
    double away = 0;
    for (Point other : all) {
      double below = other.y - p.y;
      if (!other.equals(p) && Math.abs(other.x - p.x) < NEAR_X && Math.abs(below) < NEAR_Y) {
        away -= Math.copySign(AWAY, below);
      }
    }
    boolean right = p.x < WIDTH * 0.8;
    return text(p.x + (right ? 15 : -15), p.y + 4 + away, right ? "start" : "end", p.label);
  }

  /**
   * A roof's name along it, each lower on its roof than the one before, so that roofs that nearly
   * meet stay legible.
   */
  private String level(MachineLimits.Read read, int index) {
    double from = Math.max(LEAST, top / DEPTH / read.bytesPerSecond());
    double ridge = peak / read.bytesPerSecond();
    double at = from * Math.pow(ridge / from, 0.85 - 0.2 * index);
    double slope = (y(1) - y(Math.E)) / (x(Math.E) - x(1));
    return Numbers.format(
        "<text transform=\"translate(%.1f %.1f) rotate(%.1f)\" text-anchor=\"middle\">%s</text>%n",
        x(at),
        y(at * read.bytesPerSecond()) - 6,
        -Math.toDegrees(Math.atan(slope)),
        Html.escape(Numbers.format("%s %.0f GB/s", read.level(), read.bytesPerSecond() / 1e9)));
  }

  private String line(String style, double x1, double y1, double x2, double y2) {
    return Numbers.format(
        "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
        style, x(x1), y(y1), x(x2), y(y2));
  }

  private static String text(double x, double y, String anchor, String text) {
    return Numbers.format(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
        x, y, anchor, Html.escape(text));
  }

  private static double x(double intensity) {
    double share = Math.log(intensity / LEAST) / Math.log(MOST / LEAST);
    return LEFT + share * (WIDTH - LEFT - RIGHT);
  }

  private double y(double rate) {
    double share = Math.log(rate / (top / DEPTH)) / Math.log(DEPTH);
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  }
}
