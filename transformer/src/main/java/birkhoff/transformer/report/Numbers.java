package birkhoff.transformer.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** Numbers for files and for people. */
public final class Numbers {
  private Numbers() {}

  /** A number, or null when it is not finite: JSON has no NaN. */
  public static void put(ObjectNode json, String name, double value) {
    if (Double.isFinite(value)) {
      json.put(name, value);
    } else {
      json.putNull(name);
    }
  }

  /** Formats without the machine's locale. */
  public static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  /** {@code 1h02m}, {@code 3m20s} or {@code 12s}. */
  public static String duration(double seconds) {
    long s = Math.round(seconds);
    if (s >= 3600) {
      return format("%dh%02dm", s / 3600, s % 3600 / 60);
    }
    return s >= 60 ? format("%dm%02ds", s / 60, s % 60) : s + "s";
  }
}
