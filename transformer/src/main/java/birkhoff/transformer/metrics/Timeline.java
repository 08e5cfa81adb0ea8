package birkhoff.transformer.metrics;

import birkhoff.engine.profile.OpProfile;
import birkhoff.engine.profile.Phase;
import birkhoff.transformer.report.Html;
import birkhoff.transformer.report.Numbers;
import java.util.List;

/** The operations of one step on an axis of time, a lane for each phase, as inline SVG. */
final class Timeline {
  private static final int WIDTH = 1280;
  private static final int LEFT = 76;
  private static final int RIGHT = 16;
  private static final int LANE = 34;
  private static final int TOP = 38;
  private static final int TICKS = 8;
  private static final List<Phase> LANES = List.of(Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE);

  private Timeline() {}

  static String svg(List<OpProfile.Event> all, Palette palette) {
    List<OpProfile.Event> events = all.stream().filter(e -> LANES.contains(e.phase())).toList();
    if (events.isEmpty()) {
      return "";
    }
    long start = events.getFirst().start();
    long end = events.stream().mapToLong(e -> e.start() + e.nanos()).max().orElseThrow();
    double scale = (WIDTH - LEFT - RIGHT) / (double) Math.max(1, end - start);
    int bottom = TOP + LANES.size() * LANE;
    int height = bottom + 42;
    var svg = new StringBuilder();
    svg.append(
        Numbers.format(
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Timeline of one step\">%n",
            WIDTH, height));
    svg.append(palette.legend(LEFT, 22));
    for (Phase lane : LANES) {
      svg.append(
          Numbers.format(
              "<text x=\"12\" y=\"%d\">%s</text>%n", top(lane) + LANE / 2 + 4, lane.label()));
    }
    for (OpProfile.Event e : events) {
      svg.append(
          Numbers.format(
              "<rect class=\"%s\" x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\">"
                  + "<title>%s, %.3f ms</title></rect>%n",
              palette.style(e.name()),
              LEFT + (e.start() - start) * scale,
              top(e.phase()) + 2,
              Math.max(0.3, e.nanos() * scale),
              LANE - 4,
              Html.escape(e.label()),
              e.nanos() / 1e6));
    }
    double step = step((end - start) / 1e6 / TICKS);
    for (double ms = 0; ms * 1e6 <= end - start; ms += step) {
      double at = LEFT + ms * 1e6 * scale;
      svg.append(
          Numbers.format(
              "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>%n"
                  + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s ms</text>%n",
              at,
              bottom,
              at,
              bottom + 6,
              at,
              bottom + 24,
              at > WIDTH - RIGHT - 24 ? "end" : "middle",
              Numbers.format(step < 1 ? "%.1f" : "%,.0f", ms)));
    }
    return svg.append("</svg>\n").toString();
  }

  /** The next of 1, 2 and 5 times a power of ten, in milliseconds, at least a tenth. */
  private static double step(double least) {
    double power = Math.max(0.1, Math.pow(10, Math.floor(Math.log10(least))));
    return power * (least <= power ? 1 : least <= 2 * power ? 2 : least <= 5 * power ? 5 : 10);
  }

  private static int top(Phase lane) {
    return TOP + LANES.indexOf(lane) * LANE;
  }
}
