package birkhoff.engine.rng;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/**
 * Numbers that depend on (seed, stream, index) only, with the same bits on every platform. Pure
 * functions, safe from any thread; a range may be filled in any number of pieces.
 */
public final class Distributions {
  private static final double ULP = 0x1p-53;

  private Distributions() {}

  /** Uniform in [0, 1), 53 random bits. */
  public static double uniform(long seed, long stream, long index) {
    int[] words = new int[4];
    Philox.block(seed, index >> 1, stream, words);
    return fraction(words, (int) (index & 1));
  }

  /** Uniform among {@code 0 … bound-1}; the bias is below {@code bound}/2^64. */
  public static long below(long bound, long seed, long stream, long index) {
    if (bound < 1) {
      throw new IllegalArgumentException("below: bound " + bound + " is not positive");
    }
    int[] words = new int[4];
    Philox.block(seed, index >> 1, stream, words);
    return Math.unsignedMultiplyHigh(bits(words, (int) (index & 1)), bound);
  }

  /** Standard normal (Box and Muller 1958). */
  public static double normal(long seed, long stream, long index) {
    int[] words = new int[4];
    Philox.block(seed, index >> 1, stream, words);
    double turn = fraction(words, 1);
    int quarter = BoxMuller.quarter(turn);
    double x = BoxMuller.rest(turn, quarter);
    int part = (index & 1) == 0 ? quarter : quarter + 3;
    return radius(words) * BoxMuller.turned(part, BoxMuller.sine(x), BoxMuller.cosine(x));
  }

  /** {@code out[i] = mean + std·normal(seed, stream, i)} for {@code i} in {@code [lo, hi)}. */
  public static void fillNormal(
      MemorySegment out,
      DType dtype,
      double mean,
      double std,
      long seed,
      long stream,
      long lo,
      long hi) {
    int[] words = new int[4];
    for (long pair = lo >> 1; pair << 1 < hi; pair++) {
      Philox.block(seed, pair, stream, words);
      double radius = radius(words);
      double turn = fraction(words, 1);
      int quarter = BoxMuller.quarter(turn);
      double x = BoxMuller.rest(turn, quarter);
      double sine = BoxMuller.sine(x);
      double cosine = BoxMuller.cosine(x);
      long i = pair << 1;
      if (i >= lo) {
        put(out, dtype, i, mean + std * (radius * BoxMuller.turned(quarter, sine, cosine)));
      }
      if (i + 1 < hi) {
        put(out, dtype, i + 1, mean + std * (radius * BoxMuller.turned(quarter + 3, sine, cosine)));
      }
    }
  }

  /** {@code out[i] = a + (b-a)·uniform(seed, stream, i)} for {@code i} in {@code [lo, hi)}. */
  public static void fillUniform(
      MemorySegment out,
      DType dtype,
      double a,
      double b,
      long seed,
      long stream,
      long lo,
      long hi) {
    int[] words = new int[4];
    for (long i = lo; i < hi; i++) {
      Philox.block(seed, i >> 1, stream, words);
      put(out, dtype, i, a + (b - a) * fraction(words, (int) (i & 1)));
    }
  }

  private static double radius(int[] words) {
    // In (0, 1], so that the logarithm is finite.
    return BoxMuller.radius((bits(words, 0) >>> 11) * ULP + ULP);
  }

  private static double fraction(int[] words, int half) {
    return (bits(words, half) >>> 11) * ULP;
  }

  private static long bits(int[] words, int half) {
    return Integer.toUnsignedLong(words[2 * half]) | (long) words[2 * half + 1] << 32;
  }

  private static void put(MemorySegment out, DType dtype, long i, double value) {
    switch (dtype) {
      case FLOAT32 -> out.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
      case FLOAT64 -> out.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
      case INT32, BFLOAT16 ->
          throw new DTypeException(
              "random numbers are float32 or float64, not "
                  + dtype.name().toLowerCase(Locale.ROOT));
    }
  }
}
