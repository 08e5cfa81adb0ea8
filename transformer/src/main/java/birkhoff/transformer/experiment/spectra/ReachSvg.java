package birkhoff.transformer.experiment.spectra;

import birkhoff.transformer.report.Html;
import birkhoff.transformer.report.Numbers;

/**
 * Histograms as SVG: logarithmic colours, the unit circle, the region's outline, and a bar from the
 * point of the outline that is farthest from any eigenvalue. Colours are CSS classes, so that light
 * and dark pages have their own.
 */
final class ReachSvg {
  /** Rules that histograms need on a page of ours. */
  static final String STYLE = style();

  private static final int LEVELS = 12;

  /** Counts from here on have the last colour. */
  private static final double MOST = 1000;

  private static final int SCALE = 3;
  private static final int LEFT = 34;
  private static final int TOP = 54;
  private static final int SIDE = SCALE * Reached.CELLS;
  private static final int WIDTH = LEFT + SIDE + 14;
  private static final int HEIGHT = TOP + SIDE + 26;

  /** What a page of ours defines otherwise. */
  private static final String ALONE =
      """
      svg { --card:#fff; --ink:#1d2129; --soft:#68707d; --rule:#e4e6ea; background:var(--card); }
      @media (prefers-color-scheme: dark) {
        svg { --card:#1c1f25; --ink:#e6e8ec; --soft:#98a1af; --rule:#2d323b; } }
      svg text { font:14px system-ui,sans-serif; fill:var(--soft); }
      svg text.title { font-size:16px; font-weight:600; fill:var(--ink); }
      """;

  private ReachSvg() {}

  /** A file of its own. */
  static String alone(ReachResult r) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        + svg(r, "<style>\n" + ALONE + STYLE + "</style>\n");
  }

  /** Part of a page that has {@link #STYLE}. */
  static String inline(ReachResult r) {
    return svg(r, "");
  }

  private static String svg(ReachResult r, String style) {
    ReachCase what = r.what();
    String name = "d = " + what.d() + ", " + what.title();
    StringBuilder svg =
        new StringBuilder(
            Numbers.format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
                    + " aria-label=\"Eigenvalues of %s\">%n",
                WIDTH, HEIGHT, Html.escape(name)));
    svg.append(style);
    svg.append(text(LEFT, 22, "start", "title", name));
    svg.append(
        text(
            LEFT,
            43,
            "start",
            "",
            Numbers.format("%.1f %% of the cells, ε = %.3f", 100 * r.share(), r.gap())));
    svg.append(
        Numbers.format(
            "<rect class=\"frame\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>%n",
            LEFT, TOP, SIDE, SIDE));
    svg.append(
        Numbers.format(
            "<g transform=\"translate(%d %d) scale(%d)\" shape-rendering=\"crispEdges\">%n",
            LEFT, TOP, SCALE));
    for (int level = 0; level < LEVELS; level++) {
      String runs = runs(r.reached(), level);
      if (!runs.isEmpty()) {
        svg.append("<path class=\"n").append(level).append("\" d=\"").append(runs).append("\"/>\n");
      }
    }
    svg.append("</g>\n");
    svg.append(
        Numbers.format(
            "<circle class=\"unit\" cx=\"%.2f\" cy=\"%.2f\" r=\"%.2f\"/>%n",
            x(0), y(0), x(1) - x(0)));
    svg.append(outline(r.region()));
    svg.append(
        Numbers.format(
            "<line class=\"gap\" x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\"/>%n"
                + "<circle class=\"gap\" cx=\"%.2f\" cy=\"%.2f\" r=\"2.5\"/>%n",
            x(r.gapFrom().x()),
            y(r.gapFrom().y()),
            x(r.gapTo().x()),
            y(r.gapTo().y()),
            x(r.gapFrom().x()),
            y(r.gapFrom().y())));
    for (int tick = -1; tick <= 1; tick++) {
      String number = tick < 0 ? "−1" : Integer.toString(tick);
      svg.append(text(x(tick), TOP + SIDE + 18, "middle", "", number));
      svg.append(text(LEFT - 8, y(tick) + 4, "end", "", number));
    }
    return svg.append("</svg>\n").toString();
  }

  /** The cells of one colour as strokes along rows. */
  private static String runs(Reached reached, int level) {
    StringBuilder path = new StringBuilder();
    for (int j = 0; j < Reached.CELLS; j++) {
      int i = 0;
      while (i < Reached.CELLS) {
        int end = i;
        while (end < Reached.CELLS && level(reached.count(end, j)) == level) {
          end++;
        }
        if (end > i) {
          path.append('M').append(i).append(' ').append(Reached.CELLS - 1 - j).append(".5h");
          path.append(end - i);
        }
        i = end + 1;
      }
    }
    return path.toString();
  }

  private static int level(long count) {
    return count == 0
        ? -1
        : Math.min(LEVELS - 1, (int) (LEVELS * Math.log((double) count) / Math.log(MOST)));
  }

  /** The polygon, and for d = 3 the segment that sticks out of it. */
  private static String outline(Region region) {
    StringBuilder path = new StringBuilder();
    for (Region.Point p : region.outline()) {
      path.append(Numbers.format("%s%.2f %.2f", path.isEmpty() ? "M" : "L", x(p.x()), y(p.y())));
    }
    path.append('Z');
    if (!region.contains(-0.75, 0.1)) {
      path.append(Numbers.format("M%.2f %.2fL%.2f %.2f", x(-1), y(0), x(-0.5), y(0)));
    }
    return "<path class=\"region\" d=\"" + path + "\"/>\n";
  }

  /** What the colours mean. */
  static String legend() {
    int step = 26;
    StringBuilder svg =
        new StringBuilder(
            Numbers.format(
                "<svg class=\"legend\" viewBox=\"0 0 %d 36\" role=\"img\" aria-label=\"Colours of"
                    + " counts\">%n",
                LEVELS * step + 40));
    for (int level = 0; level < LEVELS; level++) {
      svg.append(
          Numbers.format(
              "<path class=\"n%d\" style=\"stroke-width:12\" d=\"M%d 9h%d\"/>%n",
              level, 14 + level * step, step));
    }
    for (int power = 0; power <= 3; power++) {
      String count = power == 3 ? "1000+" : Integer.toString((int) Math.pow(10, power));
      double at = 14 + LEVELS * step * power / 3.0;
      svg.append(text(at, 30, power == 3 ? "end" : "middle", "", count));
    }
    return svg.append("</svg>\n").toString();
  }

  private static String text(double x, double y, String anchor, String style, String text) {
    return Numbers.format(
        "<text%s x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
        style.isEmpty() ? "" : " class=\"" + style + "\"", x, y, anchor, Html.escape(text));
  }

  private static double x(double re) {
    return LEFT + SIDE * (re + Reached.EDGE) / (2 * Reached.EDGE);
  }

  private static double y(double im) {
    return TOP + SIDE * (Reached.EDGE - im) / (2 * Reached.EDGE);
  }

  private static String style() {
    return """
    .maps { display:grid; gap:12px; grid-template-columns:repeat(auto-fill,minmax(240px,1fr)); }
    .maps svg text { font-size:14px; } .maps svg text.title { font-size:16px; }
    svg.legend { max-width:352px; background:none; border:0; }
    .frame { fill:none; stroke:var(--rule); }
    .unit { fill:none; stroke:var(--soft); stroke-width:.7; opacity:.6; }
    .region { fill:none; stroke:#d1495b; stroke-width:1.3; stroke-linejoin:round; }
    line.gap { stroke:var(--ink); stroke-width:1.6; } circle.gap { fill:var(--ink); }
    """
        + colours(0xcfe8d5, 0x74c2bd, 0x2b7fb8, 0x0a2a66)
        + "@media (prefers-color-scheme: dark) {\n"
        + colours(0x1d444e, 0x2a8788, 0x74d1a2, 0xf6fbcf)
        + "}\n";
  }

  /** The colours of the levels, between the given ones linearly. */
  private static String colours(int... anchors) {
    StringBuilder css = new StringBuilder();
    for (int level = 0; level < LEVELS; level++) {
      double at = (anchors.length - 1) * level / (LEVELS - 1.0);
      int from = Math.min((int) at, anchors.length - 2);
      int mixed = 0;
      for (int shift = 0; shift <= 16; shift += 8) {
        int a = anchors[from] >> shift & 0xff;
        int b = anchors[from + 1] >> shift & 0xff;
        mixed |= (int) Math.round(a + (at - from) * (b - a)) << shift;
      }
      css.append(Numbers.format(".n%d { stroke:#%06x; }%n", level, mixed));
    }
    return css.toString();
  }
}
