package birkhoff.tests.kernels;

import static birkhoff.tests.support.Bound.FLOAT_ROUNDOFF;
import static birkhoff.tests.support.GuardedMemory.floats;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.kernel.Elementwise;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.kernel.scalar.ScalarElementwise;
import birkhoff.engine.kernel.vector.VectorElementwise;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ElementwiseParityTest {
  private static final double U = FLOAT_ROUNDOFF;
  private static final Elementwise SCALAR = new ScalarElementwise(DType.FLOAT32);
  private static final Elementwise VECTOR = new VectorElementwise();

  /** Lengths of an array and a block in it. */
  private static final int[][] BLOCKS = {
    {0, 0, 0},
    {1, 0, 1},
    {7, 0, 7},
    {16, 0, 16},
    {17, 0, 17},
    {40, 3, 37},
    {257, 16, 256},
    {1009, 0, 1009}
  };

  private static boolean positive(UnaryOp op) {
    return op == UnaryOp.SQRT || op == UnaryOp.LOG;
  }

  /** What the vector function may be off beside one rounding: see FastMath's own test. */
  private static double allowed(UnaryOp op, double x, double expected) {
    double ulp = Bound.ulp(expected);
    return switch (op) {
      case NEG, ABS, SQUARE, SQRT, RECIPROCAL, RELU -> 0;
      case EXP, LOG -> 2 * ulp;
      case TANH, ERF -> 3 * ulp;
      case SIGMOID -> 3 * ulp + Float.MIN_NORMAL;
      case GELU_ERF, GELU_TANH -> 2 * ulp + 5 * U * Math.min(Math.abs(x), 40);
    };
  }

  @Test
  void unary() {
    for (UnaryOp op : UnaryOp.values()) {
      for (int[] b : BLOCKS) {
        unary(op, RandomArrays.floatsWithEdges(Seeds.random(op, b), b[0], 12), b[1], b[2]);
      }
      for (int n : Campaign.sizes("unary", 4099)) {
        unary(op, RandomArrays.anyFiniteFloats(Seeds.random(op, n), n), 0, n);
      }
      unary(op, RandomArrays.nonFinite(), 0, 3);
      unary(op, RandomArrays.finiteEdges(), 0, RandomArrays.finiteEdges().length);
    }
  }

  private static void unary(UnaryOp op, float[] x, int lo, int hi) {
    try (var memory = new GuardedMemory()) {
      var in = memory.of(x);
      var expected = memory.unwrittenFloats(x.length);
      var got = memory.unwrittenFloats(x.length);
      SCALAR.unary(op, in, expected, lo, hi);
      VECTOR.unary(op, in, got, lo, hi);
      Bound bound = (i, e, largest) -> allowed(op, x[i], e);
      Numeric.assertClose(op.name(), floats(expected), floats(got), bound);
      VECTOR.unary(op, in, in, lo, hi);
      float[] inPlace = floats(in);
      Numeric.assertSameBits(
          op + " in place",
          Arrays.copyOfRange(floats(got), lo, hi),
          Arrays.copyOfRange(inPlace, lo, hi));
    }
  }

  @Test
  void unaryVjp() {
    for (UnaryOp op : UnaryOp.values()) {
      for (int[] b : BLOCKS) {
        for (boolean accumulate : new boolean[] {false, true}) {
          unaryVjp(op, b[0], b[1], b[2], accumulate);
        }
      }
    }
  }

  /** Absolute and relative error of the derivative alone. */
  private static double derivativeError(UnaryOp op, double df) {
    return switch (op) {
      case NEG, ABS, SQUARE, RELU, EXP -> 0;
      case SQRT, RECIPROCAL, LOG, TANH, SIGMOID -> 1.01 * U * Math.abs(df);
      case ERF -> 6 * U;
      case GELU_ERF, GELU_TANH -> 10 * U;
    };
  }

  private static void unaryVjp(UnaryOp op, int n, int lo, int hi, boolean accumulate) {
    var random = Seeds.random("vjp", op, n, accumulate);
    float[] x = RandomArrays.floats(random, n, 6);
    for (int i = 0; i < n && positive(op); i++) {
      x[i] = Math.abs(x[i]) + 0.01f;
    }
    try (var memory = new GuardedMemory()) {
      var in = memory.of(x);
      var y = memory.unwrittenFloats(n);
      SCALAR.unary(op, in, y, 0, n);
      float[] out = floats(y);
      float[] gy = RandomArrays.floats(random, n, 2);
      float[] before = RandomArrays.floats(random, n, 1);
      var g = memory.of(gy);
      var expected = memory.of(before);
      var got = memory.of(before);
      SCALAR.unaryVjp(op, in, y, g, expected, accumulate, lo, hi);
      VECTOR.unaryVjp(
          op,
          op.needs() == UnaryOp.Needs.INPUT ? in : null,
          op.needs() == UnaryOp.Needs.OUTPUT ? y : null,
          g,
          got,
          accumulate,
          lo,
          hi);
      Bound bound =
          (i, e, largest) -> {
            double df = op.df(x[i], out[i]);
            double product = Math.abs(gy[i]) * (derivativeError(op, df) + U * Math.abs(df));
            return product + 1.01 * Bound.ulp(e);
          };
      Numeric.assertClose(op + " vjp", floats(expected), floats(got), bound);
    }
  }

  @Test
  void binary() {
    int[][] increments = {{1, 1}, {1, 0}, {0, 1}, {0, 0}, {2, 1}, {1, 3}};
    for (BinaryOp op : BinaryOp.values()) {
      for (int[] inc : increments) {
        for (int n : Campaign.sizes("binary", 0, 1, 15, 16, 17, 100, 1009)) {
          binary(op, inc[0], inc[1], n);
        }
      }
    }
  }

  private static void binary(BinaryOp op, int aInc, int bInc, int n) {
    var random = Seeds.random(op, aInc, bInc, n);
    float[] x = RandomArrays.floatsWithEdges(random, 3 + Math.max(1, n * aInc), 5);
    float[] y = RandomArrays.floatsWithEdges(random, 2 + Math.max(1, n * bInc), 5);
    System.arraycopy(RandomArrays.nonFinite(), 0, x, 0, 3);
    try (var memory = new GuardedMemory()) {
      var a = memory.of(x);
      var b = memory.of(y);
      var expected = memory.unwrittenFloats(n + 1);
      var got = memory.unwrittenFloats(n + 1);
      SCALAR.binary(op, a, 1, aInc, b, 2, bInc, expected, 1, n);
      VECTOR.binary(op, a, 1, aInc, b, 2, bInc, got, 1, n);
      String name = op + " increments " + aInc + " " + bInc + " n " + n;
      Numeric.assertClose(name, floats(expected), floats(got), Bound.absolute(0));
    }
    float[] p = RandomArrays.floats(random, 1 + Math.max(1, n * aInc), 3);
    float[] q = RandomArrays.floats(random, 1 + Math.max(1, n * bInc), 3);
    for (int i = 0; i < q.length; i++) {
      q[i] = Math.copySign(Math.abs(q[i]) + 0.1f, q[i]);
    }
    for (boolean first : new boolean[] {true, false}) {
      try (var memory = new GuardedMemory()) {
        var a = memory.of(p);
        var b = memory.of(q);
        var gz = memory.of(RandomArrays.floats(random, n + 1, 2));
        var expected = memory.unwrittenFloats(n + 1);
        var got = memory.unwrittenFloats(n + 1);
        SCALAR.binaryVjp(op, first, a, 1, aInc, b, 1, bInc, gz, expected, 1, n);
        VECTOR.binaryVjp(op, first, a, 1, aInc, b, 1, bInc, gz, got, 1, n);
        // Division rounds up to three times before the product does.
        Bound bound = Bound.ulps(op == BinaryOp.DIV ? 4 : 0);
        Numeric.assertClose(op + " vjp " + first, floats(expected), floats(got), bound);
      }
    }
  }

  @Test
  void axpby() {
    for (double alpha : new double[] {1, 0.3, -2}) {
      for (double beta : new double[] {0, 1, 0.7}) {
        for (int[] b : BLOCKS) {
          axpby(alpha, beta, b[0], b[1], b[2]);
        }
      }
    }
  }

  private static void axpby(double alpha, double beta, int n, int lo, int hi) {
    var random = Seeds.random("axpby", alpha, beta, n);
    float[] x = RandomArrays.floats(random, n, 3);
    float[] y = RandomArrays.floats(random, n, 3);
    if (beta == 0) {
      Arrays.fill(y, Float.NaN);
    }
    try (var memory = new GuardedMemory()) {
      var in = memory.of(x);
      var expected = memory.of(y);
      var got = memory.of(y);
      SCALAR.axpby(alpha, in, beta, expected, lo, hi);
      VECTOR.axpby(alpha, in, beta, got, lo, hi);
      // Either factor, its product and the sum are rounded.
      Bound bound =
          (i, e, largest) ->
              beta == 0
                  ? 2.01 * U * Math.abs(alpha * x[i]) + 0.51 * Bound.ulp(e)
                  : 3.01 * U * (Math.abs(alpha * x[i]) + Math.abs(beta * y[i]));
      Numeric.assertClose("axpby", floats(expected), floats(got), bound);
    }
  }

  @Test
  void copyAndFill() {
    float[] x = RandomArrays.floatsWithEdges(Seeds.random("copy"), 400, 3);
    for (int[] inc : new int[][] {{1, 1}, {0, 1}, {3, 1}, {1, 3}, {2, 2}}) {
      for (int n : new int[] {0, 1, 16, 17, 100}) {
        same("copy", x, (k, in, out) -> k.copy(in, 5, inc[0], out, 2, inc[1], n));
      }
    }
    for (int[] b : new int[][] {{0, 0}, {0, 1}, {3, 40}, {16, 400}}) {
      same("fill", x, (k, in, out) -> k.fill(-0.3, out, b[0], b[1]));
    }
  }

  private interface Action {
    void run(Elementwise kernel, MemorySegment in, MemorySegment out);
  }

  private static void same(String name, float[] x, Action action) {
    try (var memory = new GuardedMemory()) {
      var in = memory.of(x);
      var expected = memory.unwrittenFloats(x.length);
      var got = memory.unwrittenFloats(x.length);
      action.run(SCALAR, in, expected);
      action.run(VECTOR, in, got);
      Numeric.assertSameBits(name, floats(expected), floats(got));
    }
  }
}
