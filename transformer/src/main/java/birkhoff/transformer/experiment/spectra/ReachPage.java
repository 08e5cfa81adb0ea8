package birkhoff.transformer.experiment.spectra;

import birkhoff.transformer.report.Html;
import birkhoff.transformer.report.Numbers;
import birkhoff.transformer.report.Page;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The experiment as one self-contained page. */
final class ReachPage {
  private static final String LEAD =
      """
      <p class="text">Which complex numbers are eigenvalues of a family of residual mixers? For
      every one of the target points, drawn uniformly from the square [−1, 1]², one matrix of the
      family is led by Adam towards having an eigenvalue there. All eigenvalues of all matrices at
      all steps are counted (arXiv 2604.02309, section 4). The red line encloses the region that
      the eigenvalues of all doubly stochastic d&nbsp;×&nbsp;d matrices fill together.</p>
      """;

  private static final String TERMS =
      """
      <h2>What the numbers mean</h2>
      <table class="facts">
      <tr><th>region</th><td>The union of the convex hulls of the k-th roots of unity, k = 1 … d:
      for d = 3 a triangle and the segment [−1, 1], for d = 4 a triangle and a square. For d = 3
      (Perfect and Mirsky 1965) and d = 4 (Levick, Pereira and Kribs 2015) it is proved to be
      exactly the set of eigenvalues of doubly stochastic matrices.</td></tr>
      <tr><th>share</th><td>Cells of the histogram (101 × 101 over [−1.05, 1.05]²) that hold an
      eigenvalue, of those with their middle in the region. A cell that the boundary of the reached
      set crosses counts as reached.</td></tr>
      <tr><th>ε</th><td>The largest distance from a point of the region's outline to the closest
      eigenvalue met, a one-sided Hausdorff distance; the bar with a dot in a histogram shows where.
      The mean is along the outline. Right to within 0.002: eigenvalues are known to 0.0008, and the
      outline is sampled every 0.0026.</td></tr>
      <tr><th>ε, edge middle</th><td>The same distance from one point, halfway from 1 to the next
      d-th root of unity, where the paper's figure draws its ε(s).</td></tr>
      <tr><th>outside</th><td>Share of the eigenvalues that lie outside the region by more than
      0.001, and the largest such distance. No nonnegative 3 × 3 matrix with columns that sum to 1
      can leave the region; a 4 × 4 matrix can when its rows do not sum to 1 as well.</td></tr>
      <tr><th>closest</th><td>Every step moves the eigenvalue closest to the target. <b>any</b>: as
      in the paper. The eigenvalue 1, which all matrices have, is then the closest one to targets
      near 1, and nothing moves; what looks like a gap there may be none. <b>free</b>: the
      eigenvalue 1 is left out of the choice.</td></tr>
      <tr><th>limits</th><td>A cell that was not reached may still be reachable: the numbers tell
      what an optimizer found from these starts, and shares grow with the number of targets. Equal
      eigenvalues do not mean equal matrices.</td></tr>
      </table>
      """;

  private ReachPage() {}

  static String html(ObjectNode about, List<ReachResult> results) {
    StringBuilder page =
        new StringBuilder(
            Page.start(
                "Spectral reach of residual mixers",
                ReachSvg.STYLE + ".text { max-width:80ch; } .facts th { width:22%; }\n"));
    page.append(LEAD).append(tiles(results)).append(table(results));
    for (ReachCase.Closest closest : ReachCase.Closest.values()) {
      maps(page, closest, results.stream().filter(r -> r.what().closest() == closest).toList());
    }
    page.append(TERMS).append("<h2>Settings</h2><table class=\"facts\">\n");
    about.properties().forEach(e -> page.append(Page.row(e.getKey(), e.getValue().asText())));
    return page.append("</table>\n").append(Page.END).toString();
  }

  /** The family that the paper is about, its eigenvalues without the 1 if there is the choice. */
  private static String tiles(List<ReachResult> results) {
    ReachCase.Closest closest = results.getLast().what().closest();
    StringBuilder html = new StringBuilder("<section class=\"tiles\">\n");
    for (ReachResult r : results) {
      ReachCase what = r.what();
      if (what.family().hasBlocks() && what.closest() == closest) {
        html.append(Page.tile("of the region: " + name(what), 100 * r.share(), "%.1f %%"));
      }
    }
    return html.append("</section>\n").toString();
  }

  private static String name(ReachCase what) {
    return "d = " + what.d() + ", " + what.title();
  }

  private static void maps(
      StringBuilder page, ReachCase.Closest closest, List<ReachResult> results) {
    if (results.isEmpty()) {
      return;
    }
    page.append(
        closest == ReachCase.Closest.ANY
            ? "<h2>As in the paper: the closest of all eigenvalues</h2>\n"
            : "<h2>The closest of the eigenvalues that move: all but 1</h2>\n");
    page.append(ReachSvg.legend());
    int d = 0;
    for (ReachResult r : results) {
      if (r.what().d() != d) {
        page.append(d == 0 ? "" : "</section>\n");
        d = r.what().d();
        page.append("<h3>d = ").append(d).append("</h3>\n<section class=\"maps\">\n");
      }
      page.append(ReachSvg.inline(r));
    }
    page.append("</section>\n");
  }

  private static String table(List<ReachResult> results) {
    StringBuilder html = new StringBuilder("<div class=\"wide\"><table class=\"numbers\"><thead>");
    html.append("<tr><th>method</th>");
    for (String head :
        List.of(
            "d",
            "s",
            "closest",
            "share",
            "ε",
            "mean ε",
            "ε, edge middle",
            "outside",
            "farthest",
            "seconds")) {
      html.append("<th>").append(Html.escape(head)).append("</th>");
    }
    html.append("</tr></thead>\n");
    for (ReachResult r : results) {
      ReachCase what = r.what();
      html.append(
          Numbers.format(
              "<tr><th>%s</th><td>%d</td><td>%s</td><td>%s</td><td>%.1f %%</td><td>%.3f</td>"
                  + "<td>%.3f</td><td>%.3f</td><td>%s</td><td>%s</td><td>%.1f</td></tr>%n",
              what.family().id(),
              what.d(),
              what.s() > 0 ? what.s() : "",
              what.closest().id(),
              100 * r.share(),
              r.gap(),
              r.meanGap(),
              r.edgeGap(),
              r.reached().leaks() == 0 ? "0" : Numbers.format("%.2f %%", 100 * r.leakShare()),
              r.reached().leaks() == 0 ? "" : Numbers.format("%.3f", r.reached().farthest()),
              r.seconds()));
    }
    return html.append("</table></div>\n").toString();
  }
}
