package birkhoff.tests.gradcheck;

import birkhoff.engine.tensor.Shape;
import java.util.EnumSet;
import java.util.Set;

/** Sizes at which kernels go wrong: nothing, one, around a vector of 4, 8 or 16 lanes, a prime. */
enum SizeClass {
  ZERO,
  ONE,
  LANE_MINUS_ONE,
  LANE,
  LANE_PLUS_ONE,
  PRIME;

  /** The classes that the sizes of a shape are in. */
  static Set<SizeClass> of(Shape shape) {
    var all = EnumSet.noneOf(SizeClass.class);
    if (shape.count() <= 1) {
      all.add(shape.count() == 0 ? ZERO : ONE);
    }
    for (long size : shape.toArray()) {
      switch ((int) size) {
        case 0 -> all.add(ZERO);
        case 1 -> all.add(ONE);
        case 3, 7, 15 -> all.add(LANE_MINUS_ONE);
        case 4, 8, 16 -> all.add(LANE);
        case 5, 9, 17 -> all.add(LANE_PLUS_ONE);
        default -> {}
      }
      if (size > 2 && java.math.BigInteger.valueOf(size).isProbablePrime(20)) {
        all.add(PRIME);
      }
    }
    return all;
  }
}
