package birkhoff.tests.support;

/** How far a number may be from the expected one. */
@FunctionalInterface
public interface Bound {
  /** Unit roundoff of float32, 2⁻²⁴. */
  double FLOAT_ROUNDOFF = 0x1p-24;

  /**
   * @param index position in the flat array
   * @param expected the expected value there
   * @param largest the largest finite magnitude in the expected array
   * @return the largest error allowed, not negative
   */
  double at(int index, double expected, double largest);

  static Bound absolute(double error) {
    return (index, expected, largest) -> error;
  }

  /** Relative to each expected value: strict where it is close to zero. */
  static Bound relative(double error) {
    return (index, expected, largest) -> error * Math.abs(expected);
  }

  /**
   * Relative to the largest expected magnitude of the tensor: the right one for gradients, whose
   * small entries come from cancellation.
   */
  static Bound relativeToLargest(double error) {
    return (index, expected, largest) -> error * largest;
  }

  /** Float32 units in the last place of the expected value; a subnormal counts 2⁻¹⁴⁹. */
  static Bound ulps(double count) {
    return (index, expected, largest) -> count * ulp(expected);
  }

  /**
   * The classic bound on a float32 sum of {@code terms} products in any order, γ(terms) · Σ|a||b|
   * (Higham, Accuracy and Stability of Numerical Algorithms, 3.1), and what underflow may add.
   *
   * @param magnitudes Σ|a||b| for every element
   */
  static Bound dotProduct(int terms, double[] magnitudes) {
    double gamma = gamma(terms);
    return (index, expected, largest) ->
        gamma * magnitudes[index] + terms * (double) Float.MIN_VALUE;
  }

  /** γ(n) = n·u / (1 - n·u) for float32. */
  static double gamma(int n) {
    return n * FLOAT_ROUNDOFF / (1 - n * FLOAT_ROUNDOFF);
  }

  /** The gap between floats at {@code value}; never less than 2⁻¹⁴⁹, finite beyond the largest. */
  static double ulp(double value) {
    double magnitude = Math.min(Math.abs(value), Float.MAX_VALUE);
    return Math.max(Math.scalb(1.0, Math.getExponent(magnitude) - 23), Float.MIN_VALUE);
  }

  /** What either of the two allows. */
  default Bound or(Bound other) {
    return (index, expected, largest) ->
        Math.max(at(index, expected, largest), other.at(index, expected, largest));
  }
}
