package birkhoff.transformer.metrics;

import birkhoff.engine.profile.OpProfile;
import java.util.List;

/** The operations of one step on an axis of time, forward above backward, as inline SVG. */
final class Timeline {
  private static final int WIDTH = 1280;
  private static final int LEFT = 76;
  private static final int RIGHT = 16;
  private static final int LANE = 34;
  private static final int TOP = 38;
  private static final int TICKS = 8;

  private Timeline() {}

  static String svg(List<OpProfile.Event> events, Palette palette) {
    if (events.isEmpty()) {
      return "";
    }
    long start = events.getFirst().start();
    long end = events.stream().mapToLong(e -> e.start() + e.nanos()).max().orElseThrow();
    double scale = (WIDTH - LEFT - RIGHT) / (double) Math.max(1, end - start);
    int height = TOP + 2 * LANE + 42;
    var svg = new StringBuilder();
    svg.append(
        Numbers.format(
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Timeline of one step\">%n",
            WIDTH, height));
    svg.append(palette.legend(LEFT, 22));
    svg.append(Numbers.format("<text x=\"12\" y=\"%d\">forward</text>%n", TOP + LANE / 2 + 4));
    svg.append(
        Numbers.format("<text x=\"12\" y=\"%d\">backward</text>%n", TOP + LANE + LANE / 2 + 4));
    for (OpProfile.Event e : events) {
      svg.append(
          Numbers.format(
              "<rect class=\"%s\" x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\">"
                  + "<title>%s%s, %.3f ms</title></rect>%n",
              palette.style(e.name()),
              LEFT + (e.start() - start) * scale,
              TOP + (e.backward() ? LANE : 0) + 2,
              Math.max(0.3, e.nanos() * scale),
              LANE - 4,
              Html.escape(e.name()),
              e.backward() ? " backward" : "",
              e.nanos() / 1e6));
    }
    for (int k = 0; k <= TICKS; k++) {
      double at = LEFT + k * (double) (WIDTH - LEFT - RIGHT) / TICKS;
      svg.append(
          Numbers.format(
              "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>%n"
                  + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%.1f ms</text>%n",
              at,
              TOP + 2 * LANE,
              at,
              TOP + 2 * LANE + 6,
              at,
              TOP + 2 * LANE + 24,
              k == TICKS ? "end" : "middle",
              (end - start) / 1e6 * k / TICKS));
    }
    return svg.append("</svg>\n").toString();
  }
}
