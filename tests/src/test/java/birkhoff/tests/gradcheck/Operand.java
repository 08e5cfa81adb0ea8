package birkhoff.tests.gradcheck;

import birkhoff.engine.tensor.DType;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * What an operation is tested on: a shape, an element type and a domain.
 *
 * @param fixed the element type, null for the floating type that is tested
 */
record Operand(long[] shape, DType fixed, ToDoubleFunction<SplittableRandom> domain) {
  /** Numbers in (-2, 2). */
  static Operand any(long... shape) {
    return of(r -> 4 * r.nextDouble() - 2, shape);
  }

  /** Numbers in (0.3, 3). */
  static Operand positive(long... shape) {
    return of(r -> 0.3 + 2.7 * r.nextDouble(), shape);
  }

  /** Numbers in ±(0.2, 2): away from a kink or pole at zero. */
  static Operand awayFromZero(long... shape) {
    return of(r -> (r.nextBoolean() ? 1 : -1) * (0.2 + 1.8 * r.nextDouble()), shape);
  }

  /** Multiples of 1/2 plus {@code offset}: never close to those of another offset. */
  static Operand grid(double offset, long... shape) {
    return of(r -> r.nextInt(-4, 5) * 0.5 + offset, shape);
  }

  /** INT32 numbers in {@code [0, limit)}. */
  static Operand ids(int limit, long... shape) {
    return new Operand(shape, DType.INT32, r -> r.nextInt(limit));
  }

  /** Numbers in (-2, 2) rounded to bfloat16. */
  static Operand bfloat16(long... shape) {
    return new Operand(shape, DType.BFLOAT16, any().domain());
  }

  private static Operand of(ToDoubleFunction<SplittableRandom> domain, long... shape) {
    return new Operand(shape, null, domain);
  }

  DType dtype(DType floating) {
    return fixed == null ? floating : fixed;
  }

  long count() {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  /** Numbers for a tensor of another shape with the same domain. */
  double[] draw(SplittableRandom random, long... sizes) {
    long count = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    return random
        .longs(count)
        .mapToDouble(s -> domain.applyAsDouble(new SplittableRandom(s)))
        .toArray();
  }

  @Override
  public String toString() {
    return (fixed == null ? "" : fixed) + Arrays.toString(shape);
  }
}
