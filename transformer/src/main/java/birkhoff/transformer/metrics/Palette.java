package birkhoff.transformer.metrics;

import birkhoff.transformer.report.Html;
import birkhoff.transformer.report.Numbers;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Colours of operations, forward and backward alike: the longest have one each, the rest share
 * grey.
 *
 * @param names of the operations that have a colour, in order
 */
record Palette(List<String> names) {
  private static final int COLOURS = 7;
  private static final String BACKWARD = " backward";

  static Palette of(ObjectNode result) {
    List<String> names = new ArrayList<>();
    for (JsonNode o : result.get("operations")) {
      String name = name(o.get("name").asText());
      if (!names.contains(name) && names.size() < COLOURS) {
        names.add(name);
      }
    }
    return new Palette(List.copyOf(names));
  }

  /** The operation of a label. */
  static String name(String label) {
    return label.endsWith(BACKWARD)
        ? label.substring(0, label.length() - BACKWARD.length())
        : label;
  }

  /** The CSS class. */
  String style(String name) {
    int at = names.indexOf(name);
    return "part-" + (at < 0 ? COLOURS : at);
  }

  /** Coloured squares with names, in one line from (x, y). */
  String legend(double x, double y) {
    var svg = new StringBuilder();
    double at = x;
    List<String> all = new ArrayList<>(names);
    all.add("others");
    for (String name : all) {
      svg.append(
          Numbers.format(
              "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"11\" height=\"11\"/>%n"
                  + "<text x=\"%.1f\" y=\"%.1f\">%s</text>%n",
              style(name), at, y - 10, at + 16, y, Html.escape(name)));
      at += 34 + 6.6 * name.length();
    }
    return svg.toString();
  }
}
