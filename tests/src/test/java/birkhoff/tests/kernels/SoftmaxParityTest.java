package birkhoff.tests.kernels;

import static birkhoff.tests.kernels.KernelBounds.U;
import static birkhoff.tests.support.GuardedMemory.floats;
import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.Loss;
import birkhoff.engine.kernel.Normalization;
import birkhoff.engine.kernel.scalar.ScalarLoss;
import birkhoff.engine.kernel.scalar.ScalarNormalization;
import birkhoff.engine.kernel.vector.VectorLoss;
import birkhoff.engine.kernel.vector.VectorNormalization;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import org.junit.jupiter.api.Test;

class SoftmaxParityTest {
  private static final Normalization SCALAR = new ScalarNormalization(DType.FLOAT32);
  private static final Normalization VECTOR = new VectorNormalization();
  private static final int[] COLS =
      Campaign.sizes("softmax", 1, 2, 15, 16, 17, 33, 131, 4097, 50304);
  private static final int ROWS = 3;

  /**
   * Relative error of e^(x-max) and of its sum: the subtraction's rounding is {@code range·u}, exp
   * adds less than 4 u, the sum its own.
   */
  private static double relative(double range, int cols) {
    return 2 * (range + 4) * U + KernelBounds.sum(cols) + 4 * U;
  }

  @Test
  void softmaxAndItsLogarithm() {
    for (int cols : COLS) {
      for (double scale : new double[] {1, 30}) {
        float[] x = RandomArrays.floats(Seeds.random(cols, scale), ROWS * cols, scale);
        double error = relative(2 * scale, cols);
        try (var memory = new GuardedMemory()) {
          var in = memory.of(x);
          var expected = memory.unwrittenFloats(x.length);
          var got = memory.unwrittenFloats(x.length);
          SCALAR.softmax(in, expected, cols, 1, ROWS);
          VECTOR.softmax(in, got, cols, 1, ROWS);
          Bound bound = Bound.relative(error).or(Bound.absolute(Float.MIN_NORMAL));
          Numeric.assertClose("softmax", floats(expected), floats(got), bound, ROWS, cols);
          SCALAR.logSoftmax(in, expected, cols, 1, ROWS);
          VECTOR.logSoftmax(in, got, cols, 1, ROWS);
          Bound log = (i, e, largest) -> error + 3 * U * (Math.abs(e) + 2 * scale);
          Numeric.assertClose("logSoftmax", floats(expected), floats(got), log, ROWS, cols);
          VECTOR.logSoftmax(in, in, cols, 1, ROWS);
          assertThat(in.asSlice(cols * 4L).mismatch(got.asSlice(cols * 4L))).isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void specialRows() {
    for (float special : RandomArrays.nonFinite()) {
      for (int cols : new int[] {3, 40}) {
        float[] x = RandomArrays.floats(Seeds.random("special", cols), cols, 2);
        x[2] = special;
        try (var memory = new GuardedMemory()) {
          var in = memory.of(x);
          var expected = memory.unwrittenFloats(cols);
          var got = memory.unwrittenFloats(cols);
          SCALAR.softmax(in, expected, cols, 0, 1);
          VECTOR.softmax(in, got, cols, 0, 1);
          Numeric.assertClose("softmax", floats(expected), floats(got), Bound.relative(40 * U));
          SCALAR.logSoftmax(in, expected, cols, 0, 1);
          VECTOR.logSoftmax(in, got, cols, 0, 1);
          Numeric.assertClose("logSoftmax", floats(expected), floats(got), Bound.relative(40 * U));
        }
      }
    }
  }

  @Test
  void gradients() {
    for (int cols : COLS) {
      for (boolean accumulate : new boolean[] {false, true}) {
        gradients(cols, accumulate);
      }
    }
  }

  private static void gradients(int cols, boolean accumulate) {
    var random = Seeds.random("gradients", cols);
    float[] gy = RandomArrays.floats(random, ROWS * cols, 1);
    float[] before = RandomArrays.floats(random, ROWS * cols, 1);
    try (var memory = new GuardedMemory()) {
      var y = memory.of(RandomArrays.floats(random, ROWS * cols, 4));
      var g = memory.of(gy);
      SCALAR.softmax(y, y, cols, 0, ROWS);
      float[] p = floats(y);
      double[] sumAbs = new double[ROWS];
      double[] dotAbs = new double[ROWS];
      for (int i = 0; i < p.length; i++) {
        sumAbs[i / cols] += Math.abs(gy[i]);
        dotAbs[i / cols] += Math.abs(gy[i] * p[i]);
      }
      double sum = KernelBounds.sum(cols);
      var expected = memory.of(before);
      var got = memory.of(before);
      SCALAR.softmaxVjp(y, g, expected, accumulate, cols, 1, ROWS);
      VECTOR.softmaxVjp(y, g, got, accumulate, cols, 1, ROWS);
      Bound bound =
          (i, e, largest) ->
              p[i] * (sum * dotAbs[i / cols] + 4 * U * (Math.abs(gy[i]) + dotAbs[i / cols]))
                  + 2 * U * (Math.abs(e) + (accumulate ? Math.abs(before[i]) : 0));
      Numeric.assertClose("softmaxVjp", floats(expected), floats(got), bound, ROWS, cols);
      SCALAR.logSoftmax(memory.of(p), y, cols, 0, ROWS);
      float[] q = floats(y);
      expected.copyFrom(memory.of(before));
      got.copyFrom(memory.of(before));
      SCALAR.logSoftmaxVjp(y, g, expected, accumulate, cols, 1, ROWS);
      VECTOR.logSoftmaxVjp(y, g, got, accumulate, cols, 1, ROWS);
      Bound log =
          (i, e, largest) ->
              Math.exp(q[i]) * (sum + 5 * U) * sumAbs[i / cols]
                  + 3 * U * (Math.abs(gy[i]) + Math.abs(e));
      Numeric.assertClose("logSoftmaxVjp", floats(expected), floats(got), log, ROWS, cols);
    }
  }

  @Test
  void crossEntropy() {
    Loss scalar = new ScalarLoss(DType.FLOAT32);
    Loss vector = new VectorLoss();
    for (int cols : COLS) {
      for (boolean gradient : new boolean[] {false, true}) {
        var random = Seeds.random("cross-entropy", cols);
        float[] x = RandomArrays.floats(random, ROWS * cols, 8);
        double error = relative(16, cols);
        try (var memory = new GuardedMemory()) {
          var expected = memory.of(x);
          var got = memory.of(x);
          var targets = memory.of(RandomArrays.tokens(random, ROWS, cols));
          var expectedLoss = memory.unwrittenFloats(ROWS);
          var gotLoss = memory.unwrittenFloats(ROWS);
          double scale = 0.125;
          scalar.crossEntropy(expected, cols, targets, expectedLoss, gradient, scale, 1, ROWS);
          vector.crossEntropy(got, cols, targets, gotLoss, gradient, scale, 1, ROWS);
          Bound loss = (i, e, largest) -> error + 2 * U * Math.abs(e);
          Numeric.assertClose("loss", floats(expectedLoss), floats(gotLoss), loss);
          // Of the target's entry, p is off relatively, and p - 1 is its distance from 1.
          Bound bound = (i, e, largest) -> error * Math.min(scale, Math.abs(e) + scale * U / error);
          Bound logits = (i, e, largest) -> e < 0 ? scale * error : bound.at(i, e, largest);
          Numeric.assertClose("logits", floats(expected), floats(got), logits, ROWS, cols);
        }
      }
    }
  }
}
