package birkhoff.tests.support;

import java.util.SplittableRandom;

/** Random operands, and the values and sizes where kernels go wrong. */
public final class RandomArrays {
  private static final float[] EDGES = {
    0f,
    -0f,
    1f,
    -1f,
    Math.nextUp(1f),
    Math.nextDown(1f),
    0.5f,
    -0.5f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Math.nextDown(Float.MIN_NORMAL),
    Float.MIN_NORMAL,
    -Float.MIN_NORMAL,
    1e-20f,
    1e20f,
    -1e20f,
    1 << 23,
    (1 << 24) - 1,
    1 << 24,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    // exp overflows after 88.72284 and is subnormal below -87.33655, zero below -103.97208.
    88.72283f,
    88.72284f,
    -87.33654f,
    -87.33655f,
    -103.97207f,
    -103.97209f,
    Float.MAX_VALUE,
    -Float.MAX_VALUE
  };

  private static final int[] SIZES = {
    1, 2, 3, 4, 5, 7, 8, 9, 11, 15, 16, 17, 23, 31, 32, 33, 47, 63, 64, 65, 100, 127, 129, 255, 257
  };

  private RandomArrays() {}

  /** Uniform in [-scale, scale). */
  public static double[] doubles(SplittableRandom random, int n, double scale) {
    return random.doubles(n, -scale, scale).toArray();
  }

  /** Uniform in [-scale, scale), rounded to float. */
  public static float[] floats(SplittableRandom random, int n, double scale) {
    return narrow(doubles(random, n, scale));
  }

  /** Normal with mean 0. */
  public static double[] normals(SplittableRandom random, int n, double deviation) {
    var values = new double[n];
    for (int k = 0; k < n; k++) {
      values[k] = random.nextGaussian(0, deviation);
    }
    return values;
  }

  /** Uniform in [-scale, scale) with about every eighth value replaced by a finite edge. */
  public static float[] floatsWithEdges(SplittableRandom random, int n, double scale) {
    float[] values = floats(random, n, scale);
    for (int k = 0; k < n; k++) {
      if (random.nextInt(8) == 0) {
        values[k] = EDGES[random.nextInt(EDGES.length)];
      }
    }
    return values;
  }

  /** Any finite float, all exponents alike. */
  public static float[] anyFiniteFloats(SplittableRandom random, int n) {
    var values = new float[n];
    for (int k = 0; k < n; k++) {
      do {
        values[k] = Float.intBitsToFloat(random.nextInt());
      } while (!Float.isFinite(values[k]));
    }
    return values;
  }

  /** Uniform in [0, vocab): token ids or targets. */
  public static int[] tokens(SplittableRandom random, int n, int vocab) {
    return random.ints(n, 0, vocab).toArray();
  }

  /** Zeros of both signs, subnormals, powers of two, limits of exp, the largest; all finite. */
  public static float[] finiteEdges() {
    return EDGES.clone();
  }

  /** NaN and both infinities. */
  public static float[] nonFinite() {
    return new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
  }

  /** Lengths around every vector width and its multiples, in ascending order. */
  public static int[] oddSizes() {
    return SIZES.clone();
  }

  public static float[] narrow(double[] values) {
    var narrow = new float[values.length];
    for (int k = 0; k < values.length; k++) {
      narrow[k] = (float) values[k];
    }
    return narrow;
  }

  public static double[] widen(float[] values) {
    var wide = new double[values.length];
    for (int k = 0; k < values.length; k++) {
      wide[k] = values[k];
    }
    return wide;
  }
}
