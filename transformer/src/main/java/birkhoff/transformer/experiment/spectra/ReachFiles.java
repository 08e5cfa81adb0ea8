package birkhoff.transformer.experiment.spectra;

import birkhoff.engine.io.AtomicFile;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.report.Numbers;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Writes what the experiment found; every file whole or not at all. */
public final class ReachFiles {
  /** All numbers but the histograms. */
  public static final String NUMBERS = "spectra.json";

  /** The page. */
  public static final String PAGE = "spectra.html";

  private ReachFiles() {}

  /**
   * Writes {@link #NUMBERS}, {@link #PAGE} and a histogram per case as CSV and as SVG.
   *
   * @param about the settings; they come first in the numbers
   * @return the numbers
   */
  public static ObjectNode write(Path folder, ObjectNode about, List<ReachResult> results)
      throws IOException {
    ObjectNode numbers = about.deepCopy();
    numbers.put("histogram_cells", Reached.CELLS);
    numbers.put("histogram_edge", Reached.EDGE);
    numbers.put("leak_tolerance", Reached.LEAK);
    var cases = numbers.putArray("cases");
    for (ReachResult r : results) {
      String name = "histogram-" + r.what().id();
      AtomicFile.writeString(folder.resolve(name + ".csv"), csv(r));
      AtomicFile.writeString(folder.resolve(name + ".svg"), ReachSvg.alone(r));
      cases.add(json(r).put("csv", name + ".csv").put("svg", name + ".svg"));
    }
    AtomicFile.writeString(folder.resolve(NUMBERS), Json.pretty(numbers));
    AtomicFile.writeString(folder.resolve(PAGE), ReachPage.html(about, results));
    return numbers;
  }

  private static ObjectNode json(ReachResult r) {
    ReachCase what = r.what();
    ObjectNode json = Json.object();
    json.put("d", what.d());
    json.put("method", what.family().id());
    if (what.s() > 0) {
      json.put("s", what.s());
    } else {
      json.putNull("s");
    }
    json.put("closest", what.closest().id());
    json.put("steps", what.steps());
    json.put("eigenvalues", r.reached().total());
    json.put("cells", r.cells());
    json.put("cells_reached", r.cellsReached());
    json.put("share", r.share());
    json.put("gap", r.gap());
    json.putArray("gap_from").add(r.gapFrom().x()).add(r.gapFrom().y());
    json.putArray("gap_to").add(r.gapTo().x()).add(r.gapTo().y());
    json.put("gap_mean", r.meanGap());
    json.put("gap_edge_middle", r.edgeGap());
    json.put("leaks", r.reached().leaks());
    json.put("leak_share", r.leakShare());
    json.put("leak_farthest", r.reached().farthest());
    json.put("seconds", r.seconds());
    return json;
  }

  /** The cells that are in the region or hold an eigenvalue, by their middles. */
  private static String csv(ReachResult r) {
    StringBuilder csv = new StringBuilder("re,im,in_region,count\n");
    for (int j = 0; j < Reached.CELLS; j++) {
      for (int i = 0; i < Reached.CELLS; i++) {
        boolean inside = r.reached().inside(i, j);
        long count = r.reached().count(i, j);
        if (inside || count > 0) {
          csv.append(
              Numbers.format(
                  "%.5f,%.5f,%d,%d%n",
                  Reached.centre(i), Reached.centre(j), inside ? 1 : 0, count));
        }
      }
    }
    return csv.toString();
  }
}
