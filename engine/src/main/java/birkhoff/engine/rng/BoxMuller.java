package birkhoff.engine.rng;

/**
 * The functions of Box and Muller's transformation (1958), {@code √(-2·ln u)} and sine and cosine
 * of a part of a turn: sums of their series, so that the bits are the same on every platform.
 * {@link StrictMath} would do too, but reduces angles that may be large (decision 0031 has times).
 * Pure functions, safe from any thread.
 */
public final class BoxMuller {
  private static final double LN_2 = 0.693147180559945309417;
  private static final long HALF_SQRT_2 = Double.doubleToRawLongBits(0.70710678118654752440);

  private BoxMuller() {}

  /**
   * @param u in (0, 1] and not subnormal
   */
  public static double radius(double u) {
    return Math.sqrt(-2 * log(u));
  }

  /**
   * Natural logarithm, within 2 ulp of {@link StrictMath}: with {@code u = m·2ᵉ}, {@code √½ ≤ m <
   * √2} and {@code s = (m-1)/(m+1)} it is {@code e·ln 2 + 2·(s + s³/3 + s⁵/5 + …)}, {@code |s| <
   * 0.172}.
   *
   * @param u positive and not subnormal
   */
  public static double log(double u) {
    long bits = Double.doubleToRawLongBits(u);
    long e = bits - HALF_SQRT_2 >> 52;
    double m = Double.longBitsToDouble(bits - (e << 52));
    double s = (m - 1) / (m + 1);
    double z = s * s;
    double sum = 1.0 / 21;
    sum = sum * z + 1.0 / 19;
    sum = sum * z + 1.0 / 17;
    sum = sum * z + 1.0 / 15;
    sum = sum * z + 1.0 / 13;
    sum = sum * z + 1.0 / 11;
    sum = sum * z + 1.0 / 9;
    sum = sum * z + 1.0 / 7;
    sum = sum * z + 1.0 / 5;
    sum = sum * z + 1.0 / 3;
    return e * LN_2 + (2 * s + 2 * s * (z * sum));
  }

  /** The quarter of a turn next to {@code t} in [0, 1], from 0 to 4. */
  public static int quarter(double t) {
    return (int) (4 * t + 0.5);
  }

  /**
   * The angle that is left of {@code t} turns, at most π/4.
   *
   * @param t in [0, 1], a multiple of 2⁻⁵³
   * @param quarter what {@link #quarter} gives
   */
  public static double rest(double t, int quarter) {
    return 2 * Math.PI * (t - 0.25 * quarter);
  }

  /** {@code sin x} for {@code |x| ≤ π/4}, within 1 ulp of {@link StrictMath}. */
  public static double sine(double x) {
    double z = x * x;
    double sum = 1.0 / 355687428096000L;
    sum = sum * z - 1.0 / 1307674368000L;
    sum = sum * z + 1.0 / 6227020800L;
    sum = sum * z - 1.0 / 39916800;
    sum = sum * z + 1.0 / 362880;
    sum = sum * z - 1.0 / 5040;
    sum = sum * z + 1.0 / 120;
    sum = sum * z - 1.0 / 6;
    return x + x * (z * sum);
  }

  /** {@code cos x} for {@code |x| ≤ π/4}, within 1 ulp of {@link StrictMath}. */
  public static double cosine(double x) {
    double z = x * x;
    double sum = -1.0 / 6402373705728000L;
    sum = sum * z + 1.0 / 20922789888000L;
    sum = sum * z - 1.0 / 87178291200L;
    sum = sum * z + 1.0 / 479001600;
    sum = sum * z - 1.0 / 3628800;
    sum = sum * z + 1.0 / 40320;
    sum = sum * z - 1.0 / 720;
    sum = sum * z + 1.0 / 24;
    return 1 - 0.5 * z + z * (z * sum);
  }

  /**
   * {@code cos(x + quarter·π/2)}; with three quarters more it is the sine. No branch: nothing
   * foretells the quarter of a random angle.
   */
  public static double turned(int quarter, double sine, double cosine) {
    long odd = -(quarter & 1L);
    long bits = Double.doubleToRawLongBits(cosine) & ~odd | Double.doubleToRawLongBits(sine) & odd;
    // Negative in the second and third quarter.
    return Double.longBitsToDouble(bits ^ (long) (quarter + 1 & 2) << 62);
  }
}
