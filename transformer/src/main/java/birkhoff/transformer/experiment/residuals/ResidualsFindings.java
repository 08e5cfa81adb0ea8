package birkhoff.transformer.experiment.residuals;

import birkhoff.transformer.report.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the runs say, in sentences.
 *
 * @param groups with their runs
 */
record ResidualsFindings(List<ResidualsGroup> groups) {
  /** Losses of fresh models that differ by less are called equal, nats per token. */
  private static final double EQUAL_START = 0.02;

  Optional<ResidualsGroup> plain() {
    return groups.stream().filter(g -> !g.hasMixers()).findFirst();
  }

  /** The control with the same number of streams. */
  Optional<ResidualsGroup> control(ResidualsGroup of) {
    return groups.stream().filter(g -> g.isControl() && g.streams() == of.streams()).findFirst();
  }

  /** Gain over the plain residual; nothing for itself, or when it is not there. */
  Spread overPlain(ResidualsGroup group) {
    return plain().filter(p -> group.hasMixers()).map(group::gainOver).orElse(Spread.of(List.of()));
  }

  /** The mixer's own gain: over the control of as many streams; nothing for the control. */
  Spread overControl(ResidualsGroup group) {
    return control(group)
        .filter(c -> group.hasMixers() && !group.isControl())
        .map(group::gainOver)
        .orElse(Spread.of(List.of()));
  }

  List<Integer> streams() {
    return groups.stream()
        .filter(ResidualsGroup::hasMixers)
        .map(ResidualsGroup::streams)
        .distinct()
        .toList();
  }

  /** For each number of streams: what the streams bring, then what each mixer adds. */
  List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    for (int d : streams()) {
      List<ResidualsGroup> own =
          groups.stream().filter(g -> g.hasMixers() && g.streams() == d).toList();
      Optional<ResidualsGroup> control = control(own.getFirst());
      if (control.isEmpty()) {
        sentences.add(
            "d = " + d + ": without the control (identity) nothing can be said about the mixers.");
        continue;
      }
      Spread streams = overPlain(control.get());
      if (streams.n() > 0) {
        sentences.add(
            Numbers.format(
                "d = %d: reading and writing %d streams without mixing them (identity) changes the"
                    + " validation loss by %s nats against the plain residual (below 0 is"
                    + " better)%s.",
                d, d, negated(streams), range(streams)));
      }
      for (ResidualsGroup group : own) {
        if (!group.isControl()) {
          sentences.add(mixer(d, group, streams));
        }
      }
    }
    return sentences;
  }

  private String mixer(int d, ResidualsGroup group, Spread streams) {
    Spread gain = overControl(group);
    if (gain.n() == 0) {
      return "d = " + d + ": " + group.kind() + " has no seed in common with the control.";
    }
    Spread all = overPlain(group);
    String share =
        all.n() > 0 && streams.n() > 0 && all.mean() > 0
            ? Numbers.format(
                "; that is %.0f %% of its whole gain of %.4f",
                100 * gain.mean() / all.mean(), all.mean())
            : "";
    return Numbers.format(
        "d = %d: the mixer of %s changes the loss by %s nats against the control (below 0 is"
            + " better)%s%s.",
        d, group.kind(), negated(gain), share, range(gain));
  }

  /** A gain as a change of the loss. */
  private static String negated(Spread gain) {
    return new Spread(-gain.mean(), gain.deviation(), gain.n()).text("%+.4f");
  }

  private static String range(Spread gain) {
    if (gain.n() < 2) {
      return "; one seed does not tell whether that is chance";
    }
    return gain.isClear()
        ? Numbers.format(", more than chance over %d seeds explains (95 %%)", gain.n())
        : Numbers.format(", which %d seeds do not tell from chance (95 %%)", gain.n());
  }

  /** Whether all runs start alike. */
  String start() {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    double within = 0;
    for (ResidualsGroup group : groups) {
      for (ResidualsRun run : group.runs()) {
        least = Math.min(least, run.initialLoss());
        most = Math.max(most, run.initialLoss());
      }
    }
    for (ResidualsRun run : groups.getFirst().runs()) {
      within = Math.max(within, spread(run.which().seed()));
    }
    String range =
        Numbers.format(
            "Validation loss before the first step: %.4f to %.4f over all runs, at most %.4f apart"
                + " between kinds of one seed",
            least, most, within);
    return within <= EQUAL_START
        ? range + ": all kinds start alike."
        : range
            + ": NOT alike. Summed streams make the first logits d times as large;"
            + " hyper_conn_collapse=mean starts them alike.";
  }

  private double spread(long seed) {
    var losses =
        groups.stream()
            .flatMap(g -> g.runs().stream())
            .filter(r -> r.which().seed() == seed)
            .mapToDouble(ResidualsRun::initialLoss)
            .summaryStatistics();
    return losses.getMax() - losses.getMin();
  }
}
