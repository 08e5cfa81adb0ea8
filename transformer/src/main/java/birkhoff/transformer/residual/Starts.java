package birkhoff.transformer.residual;

import birkhoff.engine.nn.Initializer;

/** Starting values that are published with the family's code. */
final class Starts {
  /** What the numbers of anything but the identity start at. */
  private static final double FAR = -8;

  private Starts() {}

  /** 0 for the first of {@code n} permutations, the identity, and -8 for the others. */
  static Initializer firstOf(int n, int first) {
    return (t, seed, stream, lo, hi) -> {
      for (long k = Math.max(lo, first); k < Math.min(hi, (long) first + n); k++) {
        t.set(k == first ? 0 : FAR, k);
      }
    };
  }

  /** 0 on the diagonal of a row-major d×d matrix and -8 elsewhere. */
  static Initializer diagonal(int d, int first) {
    return (t, seed, stream, lo, hi) -> {
      for (long k = Math.max(lo, first); k < Math.min(hi, first + (long) d * d); k++) {
        t.set((k - first) % (d + 1) == 0 ? 0 : FAR, k);
      }
    };
  }
}
