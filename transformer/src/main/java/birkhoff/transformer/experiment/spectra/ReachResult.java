package birkhoff.transformer.experiment.spectra;

/**
 * What one case reached.
 *
 * @param reached the histogram
 * @param cells of the histogram with their middle in the region
 * @param cellsReached those of them that hold an eigenvalue
 * @param gap ε: the largest distance from a point of the region's outline to the closest eigenvalue
 * @param gapFrom that point
 * @param gapTo that eigenvalue
 * @param meanGap the mean distance along the outline
 * @param edgeGap the distance from {@link Region#edgeMiddle}
 * @param seconds of wall time
 */
public record ReachResult(
    ReachCase what,
    Reached reached,
    Region region,
    int cells,
    int cellsReached,
    double gap,
    Region.Point gapFrom,
    Region.Point gapTo,
    double meanGap,
    double edgeGap,
    double seconds) {
  /** Share of the region's cells that hold an eigenvalue. */
  public double share() {
    return (double) cellsReached / cells;
  }

  /** Share of the eigenvalues that lie outside the region. */
  public double leakShare() {
    return (double) reached.leaks() / reached.total();
  }
}
