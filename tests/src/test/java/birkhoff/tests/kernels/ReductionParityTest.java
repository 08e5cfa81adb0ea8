package birkhoff.tests.kernels;

import static birkhoff.tests.kernels.KernelBounds.U;
import static birkhoff.tests.support.GuardedMemory.floats;
import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.Reduction;
import birkhoff.engine.kernel.scalar.ScalarReduction;
import birkhoff.engine.kernel.vector.VectorReduction;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import org.junit.jupiter.api.Test;

class ReductionParityTest {
  private static final Reduction SCALAR = new ScalarReduction(DType.FLOAT32);
  private static final Reduction VECTOR = new VectorReduction();

  @Test
  void wholeSums() {
    for (int n :
        Campaign.sizes("sums", 0, 1, 2, 15, 16, 17, 63, 64, 65, 131, 4095, 4096, 4097, 30011)) {
      var random = Seeds.random("sums", n);
      float[] x = RandomArrays.floats(random, n + 3, 2);
      float[] y = RandomArrays.floats(random, n + 3, 2);
      double magnitude = 0;
      double squares = 0;
      double products = 0;
      for (int i = 3; i < n + 3; i++) {
        magnitude += Math.abs(x[i]);
        squares += x[i] * (double) x[i];
        products += Math.abs(x[i] * (double) y[i]);
      }
      try (var memory = new GuardedMemory()) {
        var a = memory.of(x);
        var b = memory.of(y);
        double g = KernelBounds.sum(n);
        check("sum", n, SCALAR.sum(a, 3, n + 3), VECTOR.sum(a, 3, n + 3), g * magnitude);
        check(
            "sumSquares",
            n,
            SCALAR.sumSquares(a, 3, n + 3),
            VECTOR.sumSquares(a, 3, n + 3),
            g * squares);
        check("dot", n, SCALAR.dot(a, b, 3, n + 3), VECTOR.dot(a, b, 3, n + 3), g * products);
        check("max", n, SCALAR.max(a, 3, n + 3), VECTOR.max(a, 3, n + 3), 0);
      }
    }
  }

  private static void check(String name, int n, double expected, double got, double bound) {
    Numeric.assertClose(name + " of " + n, expected, got, Bound.absolute(bound));
  }

  @Test
  void specialValues() {
    for (int position : new int[] {0, 5, 31, 32, 36}) {
      for (float special : RandomArrays.nonFinite()) {
        float[] x = RandomArrays.floats(Seeds.random("special"), 37, 1);
        x[position] = special;
        try (var memory = new GuardedMemory()) {
          var a = memory.of(x);
          assertThat(VECTOR.max(a, 0, 37)).isEqualTo(Double.valueOf(SCALAR.max(a, 0, 37)));
          assertThat(VECTOR.sum(a, 0, 37)).isEqualTo(Double.valueOf(SCALAR.sum(a, 0, 37)));
        }
      }
    }
    try (var memory = new GuardedMemory()) {
      var zeros = memory.of(-0f, 0f, -0f);
      assertThat(VECTOR.max(zeros, 0, 3)).isEqualTo(Double.valueOf(0));
      assertThat(VECTOR.max(zeros, 0, 1)).isEqualTo(Double.valueOf(-0.0));
    }
  }

  @Test
  void rows() {
    for (int cols : Campaign.sizes("rows", 1, 3, 16, 17, 64, 131, 4100)) {
      int rows = 5;
      float[] x = RandomArrays.floats(Seeds.random("rows", cols), rows * cols, 3);
      try (var memory = new GuardedMemory()) {
        var a = memory.of(x);
        var expected = memory.unwrittenFloats(rows);
        var got = memory.unwrittenFloats(rows);
        SCALAR.rowSums(a, cols, expected, 1, rows);
        VECTOR.rowSums(a, cols, got, 1, rows);
        double bound = KernelBounds.sum(cols) * 3 * cols;
        Numeric.assertClose("rowSums", floats(expected), floats(got), Bound.absolute(bound));
        SCALAR.rowMax(a, cols, expected, 0, rows - 1);
        VECTOR.rowMax(a, cols, got, 0, rows - 1);
        expected.set(java.lang.foreign.ValueLayout.JAVA_FLOAT, 4L * (rows - 1), 0);
        got.set(java.lang.foreign.ValueLayout.JAVA_FLOAT, 4L * (rows - 1), 0);
        Numeric.assertSameBits("rowMax", floats(expected), floats(got));
      }
    }
  }

  @Test
  void columns() {
    for (int cols : Campaign.sizes("columns", 1, 15, 16, 17, 63, 64, 65, 200)) {
      for (int[] block : new int[][] {{0, 0}, {0, 1}, {2, 19}}) {
        for (boolean accumulate : new boolean[] {false, true}) {
          columns(cols, block[0], block[1], accumulate);
        }
      }
    }
  }

  private static void columns(int cols, int lo, int hi, boolean accumulate) {
    var random = Seeds.random("columns", cols, hi, accumulate);
    float[] x = RandomArrays.floats(random, 19 * cols, 3);
    float[] before = RandomArrays.floats(random, cols + 2, 3);
    try (var memory = new GuardedMemory()) {
      var a = memory.of(x);
      var expected = memory.of(before);
      var got = memory.of(before);
      SCALAR.columnSums(a, cols, expected, 2, accumulate, lo, hi);
      VECTOR.columnSums(a, cols, got, 2, accumulate, lo, hi);
      Bound bound =
          (i, e, largest) -> {
            double magnitude = accumulate && i >= 2 ? Math.abs(before[i]) : 0;
            for (int r = lo; i >= 2 && r < hi; r++) {
              magnitude += Math.abs(x[r * cols + i - 2]);
            }
            return Bound.gamma(hi - lo + 1) * magnitude + U * Math.abs(e);
          };
      Numeric.assertClose("columnSums", floats(expected), floats(got), bound);
    }
  }
}
