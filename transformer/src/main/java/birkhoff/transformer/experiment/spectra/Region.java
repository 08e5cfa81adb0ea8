package birkhoff.transformer.experiment.spectra;

import java.util.ArrayList;
import java.util.List;

/**
 * The region of Perfect and Mirsky for d = 3 and 4: the union of the convex hulls of the k-th roots
 * of unity, k = 1 … d. It is exactly the set of all eigenvalues of doubly stochastic d×d matrices:
 * for d = 3 by Perfect and Mirsky ("Spectral properties of doubly-stochastic matrices", Monatshefte
 * für Mathematik 69, 1965), for d = 4 by Levick, Pereira and Kribs ("The four-dimensional
 * Perfect-Mirsky conjecture", Proceedings of the AMS 143, 2015). For d = 5 it is too small
 * (Mashreghi and Rivard 2007), hence no further d here.
 *
 * <p>d = 3: the triangle and the segment [-1, 1]. d = 4: the triangle and the square, which holds
 * the segment. The Karpelevich region, of all row-stochastic matrices, is larger for d = 4.
 */
public final class Region {
  private static final double HEIGHT = Math.sqrt(3) / 2;

  /** What counts as on the edge. */
  private static final double ROUNDING = 1e-12;

  private final int d;
  private final List<Point> outline;

  /** A complex number. */
  public record Point(double x, double y) {
    /** How far away another one is. */
    public double distance(Point other) {
      return Math.hypot(x - other.x, y - other.y);
    }

    /** The point {@code share} of the way to another. */
    Point towards(Point other, double share) {
      return new Point(x + share * (other.x - x), y + share * (other.y - y));
    }
  }

  private Region(int d, List<Point> outline) {
    this.d = d;
    this.outline = outline;
  }

  /**
   * The region of doubly stochastic d×d matrices.
   *
   * @throws IllegalArgumentException unless {@code d} is 3 or 4
   */
  public static Region of(int d) {
    Point one = new Point(1, 0);
    Point up = new Point(-0.5, HEIGHT);
    Point down = new Point(-0.5, -HEIGHT);
    return switch (d) {
      case 3 -> new Region(3, List.of(one, up, down));
      case 4 -> {
        // Where the edge from 1 of the triangle meets the edge from i to -1 of the square.
        double x = (1 - Math.sqrt(3)) / (1 + Math.sqrt(3));
        yield new Region(
            4,
            List.of(
                one,
                new Point(0, 1),
                new Point(x, 1 + x),
                up,
                new Point(-0.5, 0.5),
                new Point(-1, 0),
                new Point(-0.5, -0.5),
                down,
                new Point(x, -1 - x),
                new Point(0, -1)));
      }
      default ->
          throw new IllegalArgumentException("d=" + d + ": the region is known for d=3 and 4");
    };
  }

  /** Corners of the outline, counter-clockwise from 1; the segment to -1 of d = 3 is no part. */
  public List<Point> outline() {
    return outline;
  }

  /** The middle of the edge from 1 to the next d-th root of unity. */
  public Point edgeMiddle() {
    return outline.get(0).towards(outline.get(1), 0.5);
  }

  /** Points all along the outline, corners among them, at most {@code spacing} apart. */
  public List<Point> boundary(double spacing) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < outline.size(); i++) {
      Point from = outline.get(i);
      Point to = outline.get((i + 1) % outline.size());
      int parts = (int) Math.ceil(from.distance(to) / spacing);
      for (int k = 0; k < parts; k++) {
        points.add(from.towards(to, (double) k / parts));
      }
    }
    return points;
  }

  /** Whether a number is in the region, its edge included. */
  public boolean contains(double x, double y) {
    double height = Math.abs(y);
    return x >= -0.5 - ROUNDING && x + 2 * HEIGHT * height <= 1 + ROUNDING
        || d == 4 && Math.abs(x) + height <= 1 + ROUNDING
        || height <= ROUNDING && Math.abs(x) <= 1 + ROUNDING;
  }

  /** How far outside a number is; 0 inside. */
  public double distance(double x, double y) {
    if (contains(x, y)) {
      return 0;
    }
    double least = toSegment(x, y, new Point(-1, 0), new Point(1, 0));
    for (int i = 0; i < outline.size(); i++) {
      Point to = outline.get((i + 1) % outline.size());
      least = Math.min(least, toSegment(x, y, outline.get(i), to));
    }
    return least;
  }

  private static double toSegment(double x, double y, Point from, Point to) {
    double dx = to.x - from.x;
    double dy = to.y - from.y;
    double share = ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy);
    share = Math.clamp(share, 0, 1);
    return Math.hypot(x - from.x - share * dx, y - from.y - share * dy);
  }
}
