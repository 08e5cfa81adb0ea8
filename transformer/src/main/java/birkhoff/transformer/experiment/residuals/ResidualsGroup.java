package birkhoff.transformer.experiment.residuals;

import birkhoff.transformer.diagnostics.MixerStatistics;
import birkhoff.transformer.report.LineChart.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The runs of one kind with one number of streams.
 *
 * @param kind of the runs
 * @param streams d; 1 for a plain residual
 * @param runs one per seed, at least one
 */
public record ResidualsGroup(String kind, int streams, List<ResidualsRun> runs) {
  /** At one place of a curve, over the seeds. */
  record At(double x, Spread y) {}

  /** Groups runs: the plain residual first, then by d, kinds in their order. */
  static List<ResidualsGroup> of(ResidualsSettings settings, List<ResidualsRun> runs) {
    List<ResidualsGroup> groups = new ArrayList<>();
    add(groups, ResidualsCase.PLAIN, 1, runs);
    for (int d : settings.streams()) {
      for (String kind : settings.kinds()) {
        if (!kind.equals(ResidualsCase.PLAIN)) {
          add(groups, kind, d, runs);
        }
      }
    }
    return groups;
  }

  private static void add(
      List<ResidualsGroup> groups, String kind, int d, List<ResidualsRun> runs) {
    List<ResidualsRun> own =
        runs.stream()
            .filter(r -> r.which().kind().equals(kind) && r.which().streams() == d)
            .toList();
    if (!own.isEmpty()) {
      groups.add(new ResidualsGroup(kind, d, own));
    }
  }

  boolean hasMixers() {
    return !kind.equals(ResidualsCase.PLAIN);
  }

  boolean isControl() {
    return kind.equals(ResidualsCase.CONTROL);
  }

  /** {@code go_mhc d=4}. */
  String label() {
    return hasMixers() ? kind + " d=" + streams : kind;
  }

  Spread over(ToDoubleFunction<ResidualsRun> value) {
    return Spread.of(runs.stream().map(value::applyAsDouble).toList());
  }

  /** Over runs with mixers; nothing for a plain residual. */
  Spread overComposite(ToDoubleFunction<MixerStatistics> value) {
    return Spread.of(
        runs.stream()
            .filter(r -> r.composite() != null)
            .map(r -> value.applyAsDouble(r.composite()))
            .toList());
  }

  /** Mean over the sublayers, then over the seeds. */
  Spread overSublayers(ToDoubleFunction<MixerStatistics> value) {
    return Spread.of(
        runs.stream()
            .map(r -> r.sublayers().stream().mapToDouble(value).average().orElse(Double.NaN))
            .toList());
  }

  /** Of one sublayer. */
  Spread ofSublayer(int sublayer, ToDoubleFunction<MixerStatistics> value) {
    return Spread.of(
        runs.stream().map(r -> value.applyAsDouble(r.sublayers().get(sublayer))).toList());
  }

  int sublayers() {
    return runs.getFirst().sublayers().size();
  }

  /** The largest value of any run. */
  double most(ToDoubleFunction<ResidualsRun> value) {
    return runs.stream().mapToDouble(value).max().orElse(Double.NaN);
  }

  /**
   * How much lower the validation loss is than that of a control, seed by seed: runs of one seed
   * have the same batches, so most of what seeds do cancels in their difference.
   */
  Spread gainOver(ResidualsGroup control) {
    List<Double> gains = new ArrayList<>();
    for (ResidualsRun run : runs) {
      control.runs.stream()
          .filter(r -> r.which().seed() == run.which().seed())
          .forEach(r -> gains.add(r.valLoss() - run.valLoss()));
    }
    return Spread.of(gains);
  }

  /** The curve of the seeds' mean, at the places that all of them have. */
  List<At> curve(Function<ResidualsRun, List<Point>> points) {
    Map<Double, List<Double>> at = new TreeMap<>();
    for (ResidualsRun run : runs) {
      points.apply(run).forEach(p -> at.computeIfAbsent(p.x(), x -> new ArrayList<>()).add(p.y()));
    }
    return at.entrySet().stream()
        .filter(e -> e.getValue().size() == runs.size())
        .map(e -> new At(e.getKey(), Spread.of(e.getValue())))
        .toList();
  }

  /** The curve of {@link #gainOver}. */
  List<At> gainCurve(ResidualsGroup control) {
    Map<Double, List<Double>> at = new TreeMap<>();
    for (ResidualsRun run : runs) {
      for (ResidualsRun other : control.runs) {
        if (other.which().seed() == run.which().seed()) {
          Map<Double, Double> before = new TreeMap<>();
          other.losses().forEach(p -> before.put(p.x(), p.y()));
          for (Point p : run.losses()) {
            if (before.containsKey(p.x())) {
              at.computeIfAbsent(p.x(), x -> new ArrayList<>()).add(before.get(p.x()) - p.y());
            }
          }
        }
      }
    }
    return at.entrySet().stream().map(e -> new At(e.getKey(), Spread.of(e.getValue()))).toList();
  }
}
