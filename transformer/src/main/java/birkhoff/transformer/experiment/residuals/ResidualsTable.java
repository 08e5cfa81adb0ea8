package birkhoff.transformer.experiment.residuals;

import birkhoff.transformer.diagnostics.MixerStatistics;
import birkhoff.transformer.report.Numbers;
import java.util.ArrayList;
import java.util.List;

/** The table of all kinds, the same for the terminal and the page. */
record ResidualsTable(ResidualsFindings findings) {
  /** Of each column. */
  static final List<String> HEADS =
      List.of(
          "kind",
          "d",
          "seeds",
          "validation loss",
          "gain over identity",
          "gain over none",
          "tokens/s",
          "parameters",
          "peak MB",
          "grad. norm",
          "diagonal",
          "sigma 2",
          "comp. sigma 2",
          "comp. error",
          "similarity");

  List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    for (ResidualsGroup g : findings.groups()) {
      rows.add(
          List.of(
              g.kind(),
              Integer.toString(g.streams()),
              Integer.toString(g.runs().size()),
              g.over(ResidualsRun::valLoss).text("%.4f"),
              findings.overControl(g).text("%+.4f"),
              findings.overPlain(g).text("%+.4f"),
              g.over(ResidualsRun::tokensPerSecond).text("%,.0f"),
              Numbers.format("%,d", g.runs().getFirst().parameters()),
              Numbers.format("%.1f", g.over(ResidualsRun::peakMb).mean()),
              g.over(ResidualsRun::gradNorm).text("%.3f"),
              g.overSublayers(MixerStatistics::diagonal).text("%.3f"),
              g.overSublayers(MixerStatistics::sigma2).text("%.3f"),
              g.overComposite(MixerStatistics::sigma2).text("%.3f"),
              error(g),
              g.overComposite(MixerStatistics::similarity).text("%.3f")));
    }
    return rows;
  }

  /** The largest of any token and seed. */
  private static String error(ResidualsGroup g) {
    return g.hasMixers() ? Numbers.format("%.1e", g.most(r -> r.composite().errorMax())) : "–";
  }

  /** Columns of a terminal, then the findings. */
  String text() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEADS);
    lines.addAll(rows());
    int[] widths = new int[HEADS.size()];
    for (List<String> line : lines) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], line.get(c).length());
      }
    }
    var text = new StringBuilder();
    for (List<String> line : lines) {
      var row = new StringBuilder();
      for (int c = 0; c < widths.length; c++) {
        row.append(Numbers.format("%" + (c == 0 ? "-" : "") + widths[c] + "s  ", line.get(c)));
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    text.append('\n').append(findings.start()).append('\n');
    findings.sentences().forEach(s -> text.append(s).append('\n'));
    return text.toString();
  }
}
