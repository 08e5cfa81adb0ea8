package birkhoff.engine.kernel.vector;

import birkhoff.engine.rng.DropoutMask;
import birkhoff.engine.rng.Philox;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link DropoutMask} for a whole group of 64 elements, one Philox counter per 64-bit lane. */
final class DropoutBits {
  private static final VectorSpecies<Long> L = VectorSpecies.of(long.class, Lanes.F.vectorShape());
  private static final long LOW = 0xFFFF_FFFFL;

  private DropoutBits() {}

  /**
   * Bit i is set when element {@code 64·group + i} is kept. A single method, and larger than what
   * the compiler inlines into its callers: there it ran out of budget and boxed the vectors.
   */
  static long kept(long key, long threshold, long group) {
    long base = group * DropoutMask.COUNTERS;
    LongVector low = LongVector.broadcast(L, LOW);
    long kept = 0;
    for (int c = 0; c < DropoutMask.COUNTERS; c += L.length()) {
      // The upper halves of x0 … x3 are rubbish, which low cleans away before the products.
      LongVector x0 = LongVector.broadcast(L, (base + c) & LOW).addIndex(1);
      LongVector x1 = LongVector.broadcast(L, base >>> 32);
      LongVector x2 = LongVector.zero(L);
      LongVector x3 = LongVector.zero(L);
      int k0 = (int) key;
      int k1 = (int) (key >>> 32);
      for (int round = 0; round < Philox.ROUNDS; round++) {
        LongVector p0 = low.and(x0).mul(Philox.M0 & LOW);
        LongVector p1 = low.and(x2).mul(Philox.M1 & LOW);
        x0 = p1.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, x1);
        x0 = x0.lanewise(VectorOperators.XOR, k0 & LOW);
        x2 = p0.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, x3);
        x2 = x2.lanewise(VectorOperators.XOR, k1 & LOW);
        x1 = p1;
        x3 = p0;
        k0 += Philox.W0;
        k1 += Philox.W1;
      }
      long bits0 = low.and(x0).compare(VectorOperators.GE, threshold).toLong();
      long bits1 = low.and(x1).compare(VectorOperators.GE, threshold).toLong();
      long bits2 = low.and(x2).compare(VectorOperators.GE, threshold).toLong();
      long bits3 = low.and(x3).compare(VectorOperators.GE, threshold).toLong();
      kept |= (bits0 | bits1 << 16 | bits2 << 32 | bits3 << 48) << c;
    }
    return kept;
  }
}
