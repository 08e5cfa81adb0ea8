package birkhoff.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** AdamW and clipping against numbers worked out by hand. */
class GoldenAdamWTest {
  private static final double EPSILON = 1e-8;

  private static Map<String, int[]> shapes() {
    var shapes = new LinkedHashMap<String, int[]>();
    shapes.put("matrix", new int[] {1, 2});
    shapes.put("vector", new int[] {1});
    return shapes;
  }

  private static Map<String, double[]> values(double a, double b, double c) {
    return Map.of("matrix", new double[] {a, b}, "vector", new double[] {c});
  }

  /**
   * The first step is -lr·sign(g): the corrections undo the betas, so m̂ = g and √v̂ = |g|. Decay
   * 0.5 at lr 0.1 first shrinks the matrix, and only the matrix, by 0.95.
   */
  @Test
  void firstStep() {
    var optimizer = new GoldenAdamW(shapes(), 0.9, 0.99, EPSILON, 0.5, 0);
    Map<String, double[]> params = values(2, -4, 3);
    double norm = optimizer.step(0.1, params, values(2, -1, 2));
    assertEquals(3, norm, 1e-15);
    double whole = 1 / (1 + EPSILON);
    double half = 2 / (2 + EPSILON);
    double[] matrix = {1.9 - 0.1 * half, -3.8 + 0.1 * whole};
    assertArrayEquals(matrix, params.get("matrix"), 1e-15);
    assertArrayEquals(new double[] {3 - 0.1 * half}, params.get("vector"), 1e-15);
    assertEquals(0.2, optimizer.firstMoment("matrix")[0], 1e-15);
    assertEquals(0.04, optimizer.secondMoment("matrix")[0], 1e-15);
  }

  /**
   * Gradients 1 then 3 with betas 0.5 and 0.75: m = 0.5 then 1.75, v = 0.25 then 2.4375; corrected
   * by 0.75 and 0.4375 that is 7/3 over √(39/7).
   */
  @Test
  void secondStep() {
    var optimizer = new GoldenAdamW(shapes(), 0.5, 0.75, 0, 0, 0);
    Map<String, double[]> params = values(0, 0, 0);
    optimizer.step(1, params, values(1, 1, 1));
    assertEquals(-1, params.get("vector")[0], 1e-15);
    optimizer.step(1, params, values(3, 3, 3));
    double expected = -1 - (7.0 / 3) / Math.sqrt(39.0 / 7);
    assertEquals(expected, params.get("vector")[0], 1e-15);
    assertEquals(expected, params.get("matrix")[1], 1e-15);
  }

  /** A gradient of norm 3 clipped to 1.5: the first moment shows the coefficient 1.5/(3+1e-6). */
  @Test
  void clipsByTheGlobalNorm() {
    var optimizer = new GoldenAdamW(shapes(), 0.5, 0.5, EPSILON, 0, 1.5);
    assertEquals(3, optimizer.step(0.1, values(0, 0, 0), values(2, -1, 2)), 1e-15);
    double coefficient = 1.5 / (3 + 1e-6);
    double[] expected = {0.5 * 2 * coefficient, 0.5 * -1 * coefficient};
    assertArrayEquals(expected, optimizer.firstMoment("matrix"), 1e-15);
  }

  @Test
  void leavesSmallGradientsAlone() {
    var optimizer = new GoldenAdamW(shapes(), 0.5, 0.5, EPSILON, 0, 5);
    optimizer.step(0.1, values(0, 0, 0), values(2, -1, 2));
    assertArrayEquals(new double[] {1, -0.5}, optimizer.firstMoment("matrix"), 1e-15);
  }
}
