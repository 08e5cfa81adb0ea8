package birkhoff.tests.kernels;

import static birkhoff.tests.kernels.KernelBounds.U;
import static birkhoff.tests.support.GuardedMemory.floats;

import birkhoff.engine.kernel.Normalization;
import birkhoff.engine.kernel.scalar.ScalarNormalization;
import birkhoff.engine.kernel.vector.VectorNormalization;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NormParityTest {
  private static final Normalization SCALAR = new ScalarNormalization(DType.FLOAT32);
  private static final Normalization VECTOR = new VectorNormalization();
  private static final int[] COLS =
      Campaign.sizes("norms", 1, 2, 15, 16, 17, 33, 64, 131, 384, 4099);
  private static final int ROWS = 4;
  private static final double EPS = 1e-5;

  /** Rows of normal numbers around 0.5, of which rows {@code [1, ROWS)} are worked on. */
  private static float[] input(SplittableRandom random, int cols) {
    float[] x = RandomArrays.narrow(RandomArrays.normals(random, ROWS * cols, 1));
    for (int i = 0; i < x.length; i++) {
      x[i] += 0.5f;
    }
    return x;
  }

  private static void forEachCase(Case test) {
    for (int cols : COLS) {
      for (boolean gamma : new boolean[] {true, false}) {
        for (boolean other : new boolean[] {true, false}) {
          test.run(Seeds.random(cols, gamma, other), cols, gamma, other);
        }
      }
    }
  }

  private interface Case {
    void run(SplittableRandom random, int cols, boolean gamma, boolean other);
  }

  @Test
  void layerNorm() {
    forEachCase((random, cols, gamma, beta) -> {
      try (var memory = new GuardedMemory()) {
        float[] x = input(random, cols);
        float[] scale = RandomArrays.floats(random, cols, 2);
        var in = memory.of(x);
        var branch = memory.of(input(random, cols));
        var g = gamma ? memory.of(scale) : null;
        var b = beta ? memory.of(RandomArrays.floats(random, cols, 2)) : null;
        var expected = outputs(memory, cols);
        var got = outputs(memory, cols);
        SCALAR.layerNorm(in, g, b, expected[0], expected[1], expected[2], cols, EPS, 1, ROWS);
        VECTOR.layerNorm(in, g, b, got[0], got[1], got[2], cols, EPS, 1, ROWS);
        compareNorm("layerNorm", x, scale, gamma, beta, expected, got, cols);
        SCALAR.addLayerNorm(
            in,
            branch,
            expected[3],
            g,
            b,
            expected[0],
            expected[1],
            expected[2],
            cols,
            EPS,
            1,
            ROWS);
        VECTOR.addLayerNorm(in, branch, got[3], g, b, got[0], got[1], got[2], cols, EPS, 1, ROWS);
        Numeric.assertSameBits("sum", floats(expected[3]), floats(got[3]));
        compareNorm("addLayerNorm", floats(got[3]), scale, gamma, beta, expected, got, cols);
      }
    });
  }

  private static MemorySegment[] outputs(GuardedMemory memory, int cols) {
    return new MemorySegment[] {
      memory.unwrittenFloats(ROWS * cols),
      memory.unwrittenFloats(ROWS),
      memory.unwrittenFloats(ROWS),
      memory.unwrittenFloats(ROWS * cols)
    };
  }

  private static void compareNorm(
      String name,
      float[] x,
      float[] scale,
      boolean gamma,
      boolean beta,
      MemorySegment[] expected,
      MemorySegment[] got,
      int cols) {
    float[] mean = floats(expected[1]);
    float[] rstd = floats(expected[2]);
    double g = KernelBounds.sum(cols);
    double[] meanAbs = new double[ROWS];
    for (int i = 0; i < x.length; i++) {
      meanAbs[i / cols] += Math.abs(x[i]) / cols;
    }
    Bound meanBound = (r, e, largest) -> g * meanAbs[r] + 2 * U * Math.abs(e);
    Numeric.assertClose(name + " mean", mean, floats(got[1]), meanBound);
    // A mean off by δ adds δ² to the variance, at most δ²/eps of it relatively.
    Bound rstdBound =
        (r, e, largest) -> {
          double shift = g * meanAbs[r] + U * Math.abs(mean[r]);
          return e * (g + 4 * U + shift * shift * e * e);
        };
    Numeric.assertClose(name + " rstd", rstd, floats(got[2]), rstdBound);
    Bound bound =
        (i, e, largest) -> {
          int r = i / cols;
          double weight = gamma ? Math.abs(scale[i % cols]) : 1;
          double xHat = (x[i] - mean[r]) * (double) rstd[r];
          double shift = g * meanAbs[r] + 2 * U * Math.abs(mean[r]) + U * Math.abs(x[i]);
          double relative = rstdBound.at(r, rstd[r], 0) / rstd[r] + 4 * U;
          double error = shift * rstd[r] + Math.abs(xHat) * relative;
          return weight * error + 2 * U * (Math.abs(e) + (beta ? 2 : 0));
        };
    Numeric.assertClose(name, floats(expected[0]), floats(got[0]), bound, ROWS, cols);
  }

  @Test
  void layerNormVjp() {
    forEachCase((random, cols, gamma, accumulate) -> {
      try (var memory = new GuardedMemory()) {
        var x = memory.of(input(random, cols));
        var g = gamma ? memory.of(RandomArrays.floats(random, cols, 2)) : null;
        var mean = memory.of(RandomArrays.floats(random, ROWS, 0.5));
        var rstd = memory.of(0.7f, 1.1f, 0.9f, 2f);
        var gy = memory.of(RandomArrays.floats(random, ROWS * cols, 1));
        float[] before = RandomArrays.floats(random, ROWS * cols, 1);
        var expected = memory.of(before);
        var got = memory.of(before);
        var expectedPartial = memory.unwrittenFloats(2 * cols + 3);
        var gotPartial = memory.unwrittenFloats(2 * cols + 3);
        SCALAR.layerNormVjp(
            x, g, mean, rstd, gy, expected, accumulate, expectedPartial, 3, cols, 1, ROWS);
        VECTOR.layerNormVjp(x, g, mean, rstd, gy, got, accumulate, gotPartial, 3, cols, 1, ROWS);
        var run = new Vjp(x, g, mean, rstd, gy, cols);
        Bound bound = run.bound(accumulate ? before : null);
        Numeric.assertClose("layerNormVjp", floats(expected), floats(got), bound, ROWS, cols);
        Numeric.assertClose(
            "partial", floats(expectedPartial), floats(gotPartial), run.partialBound());
        VECTOR.layerNormVjp(x, g, mean, rstd, gy, got, false, null, 0, cols, 1, ROWS);
      }
    });
  }

  @Test
  void rmsNorm() {
    forEachCase((random, cols, gamma, output) -> {
      try (var memory = new GuardedMemory()) {
        var x = memory.of(input(random, cols));
        var g = gamma ? memory.of(RandomArrays.floats(random, cols, 2)) : null;
        var expected = outputs(memory, cols);
        var got = outputs(memory, cols);
        SCALAR.rmsNorm(x, g, output ? expected[0] : null, expected[1], cols, EPS, 1, ROWS);
        VECTOR.rmsNorm(x, g, output ? got[0] : null, got[1], cols, EPS, 1, ROWS);
        Bound bound = Bound.relative(KernelBounds.sum(cols) + 5 * U);
        Numeric.assertClose("rrms", floats(expected[1]), floats(got[1]), bound);
        Numeric.assertClose("rmsNorm", floats(expected[0]), floats(got[0]), bound);
      }
    });
  }

  @Test
  void rmsNormVjp() {
    forEachCase((random, cols, gamma, accumulate) -> {
      try (var memory = new GuardedMemory()) {
        var x = memory.of(input(random, cols));
        var g = gamma ? memory.of(RandomArrays.floats(random, cols, 2)) : null;
        var rrms = memory.of(0.7f, 1.1f, 0.9f, 2f);
        var gy = memory.of(RandomArrays.floats(random, ROWS * cols, 1));
        float[] before = RandomArrays.floats(random, ROWS * cols, 1);
        var expected = memory.of(before);
        var got = memory.of(before);
        var expectedPartial = memory.unwrittenFloats(cols + 3);
        var gotPartial = memory.unwrittenFloats(cols + 3);
        SCALAR.rmsNormVjp(x, g, rrms, gy, expected, accumulate, expectedPartial, 3, cols, 1, ROWS);
        VECTOR.rmsNormVjp(x, g, rrms, gy, got, accumulate, gotPartial, 3, cols, 1, ROWS);
        var run = new Vjp(x, g, memory.of(new float[ROWS]), rrms, gy, cols);
        Bound bound = run.bound(accumulate ? before : null);
        Numeric.assertClose("rmsNormVjp", floats(expected), floats(got), bound, ROWS, cols);
        Numeric.assertClose(
            "partial", floats(expectedPartial), floats(gotPartial), run.partialBound());
      }
    });
  }

  /** The operands of a norm's gradient, and what a float evaluation of it may be off. */
  private record Vjp(
      MemorySegment x,
      MemorySegment gamma,
      MemorySegment mean,
      MemorySegment rstd,
      MemorySegment gy,
      int cols) {
    Bound bound(float[] before) {
      double[] meanG = new double[ROWS];
      double[] meanGX = new double[ROWS];
      double[] xHat = new double[ROWS * cols];
      double[] weighted = new double[ROWS * cols];
      float[] a = floats(x);
      float[] mu = floats(mean);
      float[] rs = floats(rstd);
      float[] gradient = floats(gy);
      float[] scale = gamma == null ? null : floats(gamma);
      for (int i = 0; i < xHat.length; i++) {
        int r = i / cols;
        // |x| + |mu|, not the difference: its rounding is relative to them.
        xHat[i] = (Math.abs(a[i]) + Math.abs(mu[r])) * rs[r];
        weighted[i] = Math.abs(gradient[i] * (scale == null ? 1.0 : scale[i % cols]));
        meanG[r] += weighted[i] / cols;
        meanGX[r] += weighted[i] * xHat[i] / cols;
      }
      double relative = KernelBounds.sum(cols) + 8 * U;
      return (i, e, largest) -> {
        int r = i / cols;
        double terms = weighted[i] + meanG[r] + xHat[i] * meanGX[r];
        return rs[r] * terms * relative + (before == null ? 0 : 2 * U * Math.abs(before[i]));
      };
    }

    Bound partialBound() {
      float[] a = floats(x);
      float[] gradient = floats(gy);
      double most = 0;
      for (int i = 0; i < a.length; i++) {
        most = Math.max(most, 2 * (Math.abs(a[i]) + 1) * Math.abs(gradient[i]));
      }
      return Bound.absolute(Bound.gamma(ROWS + 4) * ROWS * (1 + most));
    }
  }
}
