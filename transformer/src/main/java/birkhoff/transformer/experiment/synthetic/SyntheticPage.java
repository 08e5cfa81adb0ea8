package birkhoff.transformer.experiment.synthetic;

import birkhoff.transformer.report.Html;
import birkhoff.transformer.report.LineChart;
import birkhoff.transformer.report.Numbers;
import birkhoff.transformer.report.Page;
import birkhoff.transformer.setup.Machine;
import java.util.Collection;
import java.util.List;

/**
 * The page of the stream-mixing task.
 *
 * @param curves of the first seed
 * @param kromhc mean final error of kromhc with 2x2 factors over all seeds; NaN for none
 */
record SyntheticPage(
    SyntheticSettings settings,
    List<SyntheticCurve> curves,
    SpeedComparison comparison,
    int threads,
    double kromhc,
    double seconds) {

  String html(Collection<LineChart> charts) {
    var page = new StringBuilder(Page.start("Synthetic stream mixing"));
    page.append(tiles()).append(text());
    page.append("<section class=\"charts\">\n");
    charts.forEach(c -> page.append(c.svg()));
    page.append("</section>\n");
    if (!comparison.rows().isEmpty()) {
      page.append(speeds());
    }
    page.append(runs()).append(facts());
    return page.append(Page.END).toString();
  }

  private String tiles() {
    double worst =
        curves.stream()
            .filter(c -> c.which().method().equals(SyntheticMethod.GO_MHC.label()))
            .filter(c -> c.which().blockSize() == 2)
            .mapToDouble(c -> c.finalMse() / settings.minimum())
            .max()
            .orElse(Double.NaN);
    return "<section class=\"tiles\">\n"
        + Page.tile(
            "times earlier than mhc_lite at d = 4, as published (A = \u0398 - \u0398\u1d40)",
            comparison.mean(SpeedComparison.Row::timesFull),
            "%.1f")
        + Page.tile(
            "times with equal steps (one number per entry of A)",
            comparison.mean(SpeedComparison.Row::timesTriangle),
            "%.1f")
        + Page.tile("largest final error of go_mhc s = 2, over the minimum", worst, "%.3f")
        + Page.tile("final error of kromhc 2x2 at d = 4", kromhc, "%.3f")
        + "</section>\n";
  }

  private String text() {
    return paragraph(
            "Each problem is a hidden doubly stochastic d\u00d7d matrix T, "
                + settings.samples()
                + " inputs x and outputs T\u00b7x plus uniform noise; each method fits a matrix of"
                + " its family to them with Adam (learning rate 0.001). Curves are means over "
                + settings.problems()
                + " problems. No fit can be expected below noise\u00b2/3 = "
                + Numbers.format("%.3g", settings.minimum())
                + ", but for some percent at many streams, where so few samples are overfitted; a"
                + " run has converged at the first epoch with an error of at most 1.05 times"
                + " its last one. So a method that stops at a worse error may well converge"
                + " early."
                + (settings.quirk()
                    ? " Inputs are multiplied by d, as the paper's notebook does by accident: that"
                        + " makes the errors of methods that cannot fit grow with d."
                    : " Inputs are not multiplied by d, unlike in the paper's notebook."))
        + paragraph(
            "How much of the speed is the step: the notebook keeps a full matrix \u0398 and uses A"
                + " = \u0398 - \u0398\u1d40. Each entry of A is then the difference of two numbers"
                + " that Adam moves by up to the learning rate each, in opposite directions, so A"
                + " moves twice as far per epoch as with one number per entry"
                + " (\u201ctriangle\u201d). Both start from the same A and see the same data"
                + " here. About half of the published factor over mhc_lite is this doubled step;"
                + " the factor of \u201ctriangle\u201d is what the parameterisation itself gives."
                + " (kromhc with two logits per 2\u00d72 factor has a doubled step too.)");
  }

  private static String paragraph(String text) {
    return "<p>" + Html.escape(text) + "</p>\n";
  }

  private String speeds() {
    var html = new StringBuilder("<h2>d = 4: go_mhc with s = 2 against mhc_lite</h2>\n");
    html.append(
        paragraph(
            "With so few problems the mean comes near its end when the slowest ones do, which is"
                + " luck of the draw: hence several seeds."));
    html.append(head("seed", "go_mhc full", "go_mhc triangle", "mhc_lite", "full", "triangle"));
    for (SpeedComparison.Row row : comparison.rows()) {
      html.append(
          Numbers.format(
              "<tr><th>%d</th><td>%,d</td><td>%,d</td><td>%,d</td><td>%.1f</td><td>%.1f</td></tr>%n",
              row.seed(),
              row.full(),
              row.triangle(),
              row.lite(),
              row.timesFull(),
              row.timesTriangle()));
    }
    html.append(
        Numbers.format(
            "<tr><th>mean</th><td>%,.0f</td><td>%,.0f</td><td>%,.0f</td><td><b>%.1f</b></td>"
                + "<td><b>%.1f</b></td></tr>%n",
            comparison.mean(SpeedComparison.Row::full),
            comparison.mean(SpeedComparison.Row::triangle),
            comparison.mean(SpeedComparison.Row::lite),
            comparison.mean(SpeedComparison.Row::timesFull),
            comparison.mean(SpeedComparison.Row::timesTriangle)));
    html.append("</table></div>\n");
    return html.append(
            paragraph(
                "Epochs to converge, and how many times more mhc_lite takes. Read off the paper's"
                    + " Figure 8: 415 and 4,800, which is 11.6 times."))
        .toString();
  }

  private static String head(String... names) {
    var html = new StringBuilder("<div class=\"wide\"><table class=\"numbers\"><thead><tr>");
    for (String name : names) {
      html.append("<th>").append(name).append("</th>");
    }
    return html.append("</tr></thead>\n").toString();
  }

  private String runs() {
    var html = new StringBuilder("<h2>All runs</h2>\n");
    html.append(
        head(
            "method",
            "d",
            "numbers",
            "epochs to converge",
            "final error",
            "over the minimum",
            "ms per epoch"));
    for (SyntheticCurve c : curves) {
      html.append(
          Numbers.format(
              "<tr><th>%s</th><td>%d</td><td>%,d</td><td>%,d</td><td>%.6f</td><td>%s</td>"
                  + "<td>%.3f</td></tr>%n",
              Html.escape(c.which().label()),
              c.which().streams(),
              c.parameters(),
              c.epochsToConverge(),
              c.finalMse(),
              settings.minimum() > 0
                  ? Numbers.format("%.3f", c.finalMse() / settings.minimum())
                  : "",
              c.msPerEpoch()));
    }
    return html.append("</table></div>\n").toString();
  }

  private String facts() {
    return "<h2>How it was run</h2><table class=\"facts\">\n"
        + Page.row("task", "arXiv 2604.02309, notebook dynamics.ipynb")
        + Page.row("noise", Numbers.format("uniform, %s", settings.noise()))
        + Page.row("epochs", Numbers.format("%,d on all samples", settings.epochs()))
        + Page.row(
            "start",
            "\u0398 from U[0, 1) for go_mhc and go_kromhc, logits from N(0, 1) for the others")
        + Page.row("seed", Long.toString(settings.seed()))
        + Page.row(
            "time",
            Numbers.duration(seconds)
                + ", "
                + threads
                + (threads == 1 ? " run at a time" : " runs side by side"))
        + Page.row("processor", Machine.processor())
        + Page.row("Java", Machine.java())
        + "</table>\n";
  }
}
