package birkhoff.transformer.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * A range with round ticks.
 *
 * @param step between ticks; unused when logarithmic
 */
record Axis(double low, double high, double step, boolean logarithmic) {
  private static final int TICKS = 5;
  private static final double MARGIN = 1.08;

  /** The range of the values, which are positive when logarithmic. */
  static Axis of(DoubleStream values, boolean logarithmic) {
    var range = values.summaryStatistics();
    double low = range.getMin();
    double high = range.getMax();
    if (logarithmic) {
      return new Axis(low / MARGIN, high * MARGIN, 0, true);
    }
    if (high - low < 1e-12 * Math.max(1, Math.abs(high))) {
      // Half of a subnormal number may be nothing, and a step of nothing has no end.
      double margin = Math.abs(high) < Double.MIN_NORMAL ? 1 : Math.abs(high) / 2;
      low -= margin;
      high += margin;
    }
    double rough = (high - low) / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double digit = rough / power;
    double step = power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    return new Axis(low, high, step, false);
  }

  double fraction(double value) {
    return logarithmic
        ? Math.log(value / low) / Math.log(high / low)
        : (value - low) / (high - low);
  }

  List<Double> ticks() {
    return logarithmic ? decades() : steps();
  }

  private List<Double> steps() {
    List<Double> ticks = new ArrayList<>();
    for (long k = (long) Math.ceil(low / step - 1e-9);
        (double) k * step <= high + step * 1e-9;
        k++) {
      ticks.add((double) k * step);
    }
    return ticks;
  }

  /** Powers of ten, with 2 and 5 times them where the range is short; of two where shorter. */
  private List<Double> decades() {
    double range = high / low;
    List<Double> ticks = new ArrayList<>();
    if (range <= 40 && high <= 1000 && low >= 0.5) {
      for (double power = 1; power <= high; power *= 2) {
        if (power >= low) {
          ticks.add(power);
        }
      }
      return ticks;
    }
    int[] digits = range > 2e3 ? new int[] {1} : new int[] {1, 2, 5};
    for (int k = (int) Math.floor(Math.log10(low)); k <= Math.log10(high); k++) {
      for (int digit : digits) {
        // Dividing by a power rounds once: 0.01, not 0.010000000000000002.
        double tick = k < 0 ? digit / Math.pow(10, -k) : digit * Math.pow(10, k);
        if (tick >= low && tick <= high) {
          ticks.add(tick);
        }
      }
    }
    return ticks;
  }

  String label(double tick) {
    if (logarithmic) {
      return tick >= 10_000
          ? Numbers.format("%.0fk", tick / 1000)
          : tick >= 1 ? Numbers.format("%.0f", tick) : Double.toString(tick).replace("E-", "e-");
    }
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
