package birkhoff.transformer.experiment.synthetic;

import birkhoff.transformer.report.LineChart;
import java.util.ArrayList;
import java.util.List;

/**
 * What the paper (arXiv 2604.02309) shows for the task, read off its Figure 8 by eye: about two
 * digits.
 */
final class PaperValues {
  private static final int[][] GO_MHC = {
    {2, 400},
    {3, 370},
    {4, 415},
    {5, 590},
    {6, 640},
    {8, 735},
    {11, 850},
    {16, 1100},
    {22, 1500},
    {32, 2700},
    {45, 4450},
    {64, 6900}
  };
  private static final int[][] MHC_LITE = {{2, 2150}, {3, 4600}, {4, 4800}, {5, 5000}, {6, 5900}};
  private static final int[][] KROMHC = {
    {2, 2850}, {4, 1300}, {8, 1330}, {16, 1390}, {32, 1570}, {64, 1710}
  };

  private PaperValues() {}

  /** Epochs to converge of go_mhc with s = 2, mhc_lite and kromhc, up to a largest d. */
  static List<LineChart.Series> epochs(int largest) {
    return List.of(
        series("go_mhc s=2, paper", "line-0 ghost", GO_MHC, largest),
        series("mhc_lite, paper", "line-1 ghost", MHC_LITE, largest),
        series("kromhc, paper", "line-3 ghost", KROMHC, largest));
  }

  private static LineChart.Series series(String name, String style, int[][] values, int largest) {
    List<LineChart.Point> points = new ArrayList<>();
    for (int[] v : values) {
      if (v[0] <= largest) {
        points.add(new LineChart.Point(v[0], v[1]));
      }
    }
    return new LineChart.Series(name, style, points, false);
  }
}
