package birkhoff.transformer.experiment.residuals;

import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.diagnostics.MixerStatistics;
import birkhoff.transformer.report.Html;
import birkhoff.transformer.report.LineChart;
import birkhoff.transformer.report.Numbers;
import birkhoff.transformer.report.Page;
import birkhoff.transformer.setup.Machine;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The page of the experiment. */
record ResidualsPage(
    ResidualsSettings settings, List<ResidualsRun> runs, ResidualsFindings findings) {
  private static final String STYLE =
      """
      .key { display:inline-block; width:10px; height:10px; border-radius:3px; margin-right:7px; }
      .key.line-0 { background:var(--a); } .key.line-1 { background:var(--b); }
      .key.line-2 { background:var(--c); } .key.line-3 { background:#2f9e6e; }
      .key.line-4 { background:#b858c9; } .key.line-5 { background:#c9a227; }
      .key.line-6 { background:#d1495b; } .key.line-7 { background:#4aa3b8; }
      .numbers th, .numbers td { font-size:13px; } .numbers td { padding-right:14px; }
      a { color:var(--a); } li { margin:4px 0; }
      """;

  /**
   * The page.
   *
   * @param charts of each number of streams
   */
  String html(Map<Integer, List<LineChart>> charts) {
    var page = new StringBuilder(Page.start("Residual kinds", STYLE));
    page.append(tiles()).append(said()).append(main());
    charts.forEach((d, own) -> {
      page.append("<h2>d = ").append(d).append("</h2>\n<section class=\"charts\">\n");
      own.forEach(chart -> page.append(chart.svg()));
      page.append("</section>\n").append(layers(d));
    });
    return page.append(each()).append(facts()).append(Page.END).toString();
  }

  private String tiles() {
    var tiles = new StringBuilder("<section class=\"tiles\">\n");
    tiles.append(Page.tile("runs finished of " + settings.plan().size(), runs.size(), "%,.0f"));
    for (int d : findings.streams()) {
      for (ResidualsGroup group : findings.groups()) {
        if (group.hasMixers() && group.streams() == d) {
          if (group.isControl()) {
            tiles.append(
                Page.tile(
                    "nats that streams without mixing gain, d = " + d,
                    findings.overPlain(group).mean(),
                    "%.4f"));
          } else if (group.kind().equals("go_mhc")) {
            tiles.append(
                Page.tile(
                    "nats that the mixer of go_mhc adds, d = " + d,
                    findings.overControl(group).mean(),
                    "%+.4f"));
          }
        }
      }
    }
    return tiles.append("</section>\n").toString();
  }

  private String said() {
    var html = new StringBuilder("<h2>How much is the mixer\u2019s own gain?</h2>\n<ul>\n");
    findings.sentences().forEach(s -> html.append("<li>").append(Html.escape(s)).append("</li>\n"));
    html.append("</ul>\n");
    settings
        .impossible()
        .forEach((what, why) ->
            html.append("<p>Left out: ").append(Html.escape(what + ": " + why)).append("</p>\n"));
    return html.append("<p>").append(Html.escape(findings.start())).append("</p>\n").toString();
  }

  private String main() {
    var html = new StringBuilder("<h2>All kinds</h2>\n<div class=\"wide\">");
    html.append("<table class=\"numbers\"><thead><tr>");
    for (String head : ResidualsTable.HEADS) {
      html.append("<th>").append(symbols(head)).append("</th>");
    }
    html.append("</tr></thead>\n");
    for (List<String> row : new ResidualsTable(findings).rows()) {
      html.append("<tr><th>").append(key(row.getFirst())).append("</th>");
      row.stream().skip(1).forEach(cell -> html.append("<td>").append(cell).append("</td>"));
      html.append("</tr>\n");
    }
    return html.append("</table></div>\n")
        .append(
            "<p>Mean \u00b1 standard deviation over seeds. Gains are differences of the validation"
                + " loss in nats per token, seed by seed, and above 0 when it is lower. Runs of one"
                + " seed see the same batches. Speed is that of the median step; peak memory is"
                + " what the engine held outside the heap (all tensors), for the runs share one"
                + " process; the gradient norm is the mean over the last quarter. Of the mixers H,"
                + " on validation tokens after training: mean diagonal and second singular value"
                + " \u03c3\u2082, means over sublayers; \u03c3\u2082 and the largest |sum of a row"
                + " or column \u2212 1| of their product over all sublayers; mean cosine between"
                + " two streams behind the last sublayer (1: all streams have collapsed into one"
                + " direction).</p>\n")
        .toString();
  }

  private static String symbols(String head) {
    return head.replace("sigma 2", "\u03c3\u2082").replace("comp.", "product\u2019s");
  }

  private static String key(String kind) {
    return "<span class=\"key " + ResidualsCharts.style(kind) + "\"></span>" + Html.escape(kind);
  }

  private String layers(int d) {
    List<ResidualsGroup> own =
        findings.groups().stream().filter(g -> g.hasMixers() && g.streams() == d).toList();
    return layers(own, "Mean diagonal", MixerStatistics::diagonal, "%.3f")
        + layers(own, "Second singular value \u03c3\u2082", MixerStatistics::sigma2, "%.3f")
        + layers(own, "Largest |sum of a row \u2212 1|", MixerStatistics::rowErrorMax, "%.1e")
        + layers(own, "Largest |sum of a column \u2212 1|", MixerStatistics::columnErrorMax, "%.1e")
        + layers(own, "Cosine between two streams", MixerStatistics::similarity, "%.3f");
  }

  private static String layers(
      List<ResidualsGroup> groups,
      String title,
      ToDoubleFunction<MixerStatistics> value,
      String pattern) {
    var html = new StringBuilder("<h3>" + title + "</h3>\n<div class=\"wide\">");
    html.append("<table class=\"numbers\"><thead><tr><th>sublayer</th>");
    for (int i = 0; i < groups.getFirst().sublayers(); i++) {
      html.append("<th>").append(i / 2).append(i % 2 == 0 ? " attention" : " MLP").append("</th>");
    }
    html.append("<th>product</th></tr></thead>\n");
    for (ResidualsGroup g : groups) {
      html.append("<tr><th>").append(key(g.kind())).append("</th>");
      for (int i = 0; i < g.sublayers(); i++) {
        html.append(cell(g.ofSublayer(i, value), pattern));
      }
      html.append(cell(g.overComposite(value), pattern)).append("</tr>\n");
    }
    return html.append("</table></div>\n").toString();
  }

  private static String cell(Spread spread, String pattern) {
    return "<td>" + Numbers.format(pattern, spread.mean()) + "</td>";
  }

  private String each() {
    var html = new StringBuilder("<h2>Each run</h2>\n<div class=\"wide\">");
    html.append("<table class=\"numbers\"><thead><tr><th>run</th><th>first loss</th>");
    html.append("<th>validation loss</th><th>bits per byte</th><th>tokens</th><th>tokens/s</th>");
    html.append("<th>grad. norm</th><th>largest</th></tr></thead>\n");
    for (ResidualsRun r : runs) {
      html.append(
          Numbers.format(
              "<tr><th><span class=\"key %s\"></span><a href=\"%s/report.html\">%s</a></th>"
                  + "<td>%.4f</td><td>%.4f</td><td>%.3f</td><td>%,d</td><td>%,.0f</td><td>%.3f</td>"
                  + "<td>%.2f</td></tr>%n",
              ResidualsCharts.style(r.which().kind()),
              r.which().folder(),
              r.which().label(),
              r.initialLoss(),
              r.valLoss(),
              r.bitsPerByte(),
              r.tokens(),
              r.tokensPerSecond(),
              r.gradNorm(),
              r.gradNormMax()));
    }
    return html.append("</table></div>\n").toString();
  }

  private String facts() {
    Optional<ResidualsRun> any = runs.stream().findFirst();
    String seeds = settings.seeds().stream().map(String::valueOf).collect(Collectors.joining(", "));
    return "<section class=\"columns\"><div><h2>How it was run</h2><table class=\"facts\">\n"
        + Page.row("seeds", seeds)
        + Page.row("tokens of a run", any.map(r -> Numbers.format("%,d", r.tokens())).orElse(""))
        + Page.row("processor", Machine.processor())
        + Page.row("Java", Machine.java())
        + "</table></div><div><h2>Configuration of all runs</h2><pre>"
        + Html.escape(RunConfigText.toml(settings.base()))
        + "</pre></div></section>\n";
  }
}
