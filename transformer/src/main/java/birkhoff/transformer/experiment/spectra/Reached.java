package birkhoff.transformer.experiment.spectra;

import java.util.Arrays;
import java.util.BitSet;

/**
 * What eigenvalues were met: a histogram, finer cells that only say whether, and how far any was
 * outside the region. Sums of integers and a maximum, so that the order does not matter. Not
 * thread-safe.
 */
public final class Reached {
  /** Cells of the histogram along each axis. */
  public static final int CELLS = 101;

  /** The histogram covers the square from -EDGE to EDGE. */
  public static final double EDGE = 1.05;

  /** Width of a cell. */
  public static final double CELL = 2 * EDGE / CELLS;

  /** An eigenvalue leaks when it is farther outside than this: the jitter moves double ones so. */
  public static final double LEAK = 1e-3;

  private static final int FINER = 21;
  private static final int FINE = CELLS * FINER;
  private static final double FINE_CELL = 2 * EDGE / FINE;

  private final Region region;
  private final long[] counts = new long[CELLS * CELLS];
  private final BitSet[] fine = new BitSet[FINE];
  private long total;
  private long leaks;
  private double farthest;

  /** Nothing yet. */
  public Reached(Region region) {
    this.region = region;
    Arrays.setAll(fine, row -> new BitSet(FINE));
  }

  /** Notes an eigenvalue. */
  public void add(double x, double y) {
    if (!(Math.abs(x) + Math.abs(y) < Double.POSITIVE_INFINITY)) {
      throw new ArithmeticException("eigenvalue " + x + " + " + y + "i");
    }
    total++;
    double outside = region.distance(x, y);
    if (outside > LEAK) {
      leaks++;
    }
    farthest = Math.max(farthest, outside);
    int i = index(x, CELL, CELLS);
    int j = index(y, CELL, CELLS);
    if (i >= 0 && j >= 0) {
      counts[j * CELLS + i]++;
      fine[index(y, FINE_CELL, FINE)].set(index(x, FINE_CELL, FINE));
    }
  }

  private static int index(double x, double cell, int cells) {
    int i = (int) Math.floor((x + EDGE) / cell);
    return i >= 0 && i < cells ? i : -1;
  }

  /** Adds all that another one has. */
  public void add(Reached other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
    for (int row = 0; row < FINE; row++) {
      fine[row].or(other.fine[row]);
    }
    total += other.total;
    leaks += other.leaks;
    farthest = Math.max(farthest, other.farthest);
  }

  /** Eigenvalues, each as often as it was met. */
  public long total() {
    return total;
  }

  /** How many of them were outside the region by more than {@link #LEAK}. */
  public long leaks() {
    return leaks;
  }

  /** The largest distance of an eigenvalue from the region. */
  public double farthest() {
    return farthest;
  }

  /** Eigenvalues in the cell in column {@code i}, counted from the left, and row {@code j}. */
  public long count(int i, int j) {
    return counts[j * CELLS + i];
  }

  /** The middle of column or row {@code i}. */
  public static double centre(int i) {
    return (i + 0.5) * CELL - EDGE;
  }

  /** Whether the middle of a cell is in the region. */
  public boolean inside(int i, int j) {
    // The middle row is the real axis, whatever rounding says.
    return region.contains(centre(i), 2 * j + 1 == CELLS ? 0 : centre(j));
  }

  /** Cells with their middle in the region, all or those that were reached. */
  public int cells(boolean onlyReached) {
    int cells = 0;
    for (int j = 0; j < CELLS; j++) {
      for (int i = 0; i < CELLS; i++) {
        if (inside(i, j) && (!onlyReached || count(i, j) > 0)) {
          cells++;
        }
      }
    }
    return cells;
  }

  /**
   * The eigenvalue closest to a point. Only its fine cell is known: this is the middle of it, right
   * to within 0.0008, half the diagonal.
   */
  public Region.Point closest(Region.Point to) {
    int i = Math.clamp(index(to.x(), FINE_CELL, FINE), 0, FINE - 1);
    int j = Math.clamp(index(to.y(), FINE_CELL, FINE), 0, FINE - 1);
    Region.Point closest = new Region.Point(Double.POSITIVE_INFINITY, 0);
    // Rows at growing distance; whatever is in row j ± r is at least r-1 cells away.
    for (int r = 0; r < FINE && (r - 1) * FINE_CELL < closest.distance(to); r++) {
      for (int row = j - r; row <= j + r; row += Math.max(1, 2 * r)) {
        if (row >= 0 && row < FINE) {
          closest = closer(closest, to, fine[row].previousSetBit(i), row);
          closest = closer(closest, to, fine[row].nextSetBit(i), row);
        }
      }
    }
    return closest;
  }

  private static Region.Point closer(Region.Point closest, Region.Point to, int column, int row) {
    if (column < 0) {
      return closest;
    }
    Region.Point found =
        new Region.Point((column + 0.5) * FINE_CELL - EDGE, (row + 0.5) * FINE_CELL - EDGE);
    return found.distance(to) < closest.distance(to) ? found : closest;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Reached r
        && total == r.total
        && leaks == r.leaks
        && Double.compare(farthest, r.farthest) == 0
        && Arrays.equals(counts, r.counts)
        && Arrays.equals(fine, r.fine);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }
}
