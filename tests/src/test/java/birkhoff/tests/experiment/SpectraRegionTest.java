package birkhoff.tests.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import birkhoff.tests.support.Seeds;
import birkhoff.transformer.experiment.spectra.Reached;
import birkhoff.transformer.experiment.spectra.Region;
import birkhoff.transformer.experiment.spectra.Region.Point;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Where eigenvalues can be, and what is counted of them. */
class SpectraRegionTest {
  @Test
  void theTriangleAndTheSegment() {
    Region region = Region.of(3);
    assertThat(region.contains(1, 0)).isTrue();
    assertThat(region.contains(-0.5, Math.sqrt(3) / 2)).isTrue();
    assertThat(region.contains(0.25, Math.sqrt(3) / 4)).isTrue();
    assertThat(region.contains(-0.8, 0)).isTrue();
    assertThat(region.contains(-1, 0)).isTrue();
    assertThat(region.contains(-0.8, 0.01)).isFalse();
    assertThat(region.contains(0, 0.6)).isFalse();
    assertThat(region.contains(1.01, 0)).isFalse();
    assertThat(region.distance(-0.8, 0.01)).isCloseTo(0.01, within(1e-12));
    assertThat(region.distance(0, 1)).isCloseTo((Math.sqrt(3) - 1) / 2, within(1e-12));
    assertThat(region.distance(0, 0)).isZero();
    assertThat(region.edgeMiddle().y()).isCloseTo(Math.sqrt(3) / 4, within(1e-12));
  }

  @Test
  void theSquareAndTheTriangle() {
    Region region = Region.of(4);
    for (int sign = -1; sign <= 1; sign += 2) {
      assertThat(region.contains(0, sign)).isTrue();
      assertThat(region.contains(sign, 0)).isTrue();
      assertThat(region.contains(-0.5, sign * Math.sqrt(3) / 2)).isTrue();
      assertThat(region.contains(-0.45, sign * 0.8)).isTrue();
      assertThat(region.contains(-0.3, sign * 0.74)).isTrue();
      assertThat(region.contains(-0.26, sign * 0.75)).isFalse();
      assertThat(region.contains(-0.55, sign * 0.5)).isFalse();
      assertThat(region.contains(0.5, sign * 0.51)).isFalse();
    }
    for (Point p : region.boundary(0.01)) {
      assertThat(region.contains(p.x(), p.y())).as(p.toString()).isTrue();
      assertThat(region.contains(1.001 * p.x(), 1.001 * p.y())).as(p.toString()).isFalse();
    }
    assertThat(region.edgeMiddle()).isEqualTo(new Point(0.5, 0.5));
  }

  @Test
  void theBoundaryIsClosedAndDense() {
    for (int d = 3; d <= 4; d++) {
      List<Point> points = Region.of(d).boundary(0.005);
      assertThat(points).containsAll(Region.of(d).outline());
      for (int i = 0; i < points.size(); i++) {
        Point next = points.get((i + 1) % points.size());
        assertThat(Math.hypot(next.x() - points.get(i).x(), next.y() - points.get(i).y()))
            .isLessThanOrEqualTo(0.005 + 1e-12);
      }
    }
  }

  @Test
  void onlyTheseRegionsAreKnown() {
    assertThatThrownBy(() -> Region.of(5)).hasMessage("d=5: the region is known for d=3 and 4");
  }

  @Test
  void countsAndLeaks() {
    Reached reached = new Reached(Region.of(3));
    reached.add(1, 0);
    reached.add(1, 0);
    reached.add(0, 0.75);
    reached.add(0, 2);
    assertThat(reached.total()).isEqualTo(4);
    assertThat(reached.leaks()).isEqualTo(2);
    assertThat(reached.farthest()).isCloseTo(Math.hypot(0.5, 2 - Math.sqrt(3) / 2), within(1e-12));
    assertThat(reached.count(98, 50)).isEqualTo(2);
    assertThat(reached.inside(98, 50)).isTrue();
    assertThat(reached.cells(true)).isEqualTo(1);
    // Area over area of a cell, and the segment's cells beyond the triangle.
    double cell = Reached.CELL * Reached.CELL;
    assertThat(reached.cells(false)).isBetween((int) (1.25 / cell), (int) (1.36 / cell));
    assertThat(reached.closest(new Point(0.9, 0.1)).distance(new Point(1, 0))).isLessThan(8e-4);
    assertThat(reached.closest(new Point(0, 0.2)).distance(new Point(0, 0.75))).isLessThan(8e-4);

    Reached more = new Reached(Region.of(3));
    more.add(0, 0);
    more.add(reached);
    assertThat(more.total()).isEqualTo(5);
    assertThat(more.leaks()).isEqualTo(2);
    assertThat(more.cells(true)).isEqualTo(2);
    assertThatThrownBy(() -> more.add(Double.NaN, 0)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void theClosestEigenvalueIsFound() {
    SplittableRandom random = Seeds.random("closest eigenvalue");
    for (int count : new int[] {1, 3, 40}) {
      Reached reached = new Reached(Region.of(4));
      Point[] added = new Point[count];
      for (int k = 0; k < count; k++) {
        added[k] = new Point(random.nextDouble(-1, 1), random.nextDouble(-1, 1));
        reached.add(added[k].x(), added[k].y());
      }
      for (int draw = 0; draw < 200; draw++) {
        Point from = new Point(random.nextDouble(-1, 1), random.nextDouble(-1, 1));
        double least = Arrays.stream(added).mapToDouble(from::distance).min().orElseThrow();
        assertThat(from.distance(reached.closest(from))).isCloseTo(least, within(8e-4));
      }
    }
  }
}
