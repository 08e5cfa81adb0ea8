package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ULE;
import static jdk.incubator.vector.VectorOperators.XOR;

import birkhoff.engine.kernel.RandomMask;
import birkhoff.engine.rng.DropoutMask;
import birkhoff.engine.rng.Philox;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Float32 dropout: a vector of Philox counters gives four vectors of decisions, laid out as {@link
 * DropoutMask} says. The same mask as the scalar kernel.
 */
public final class VectorRandomMask implements RandomMask {
  private static final VectorSpecies<Integer> INTS = F.withLanes(int.class);
  private static final VectorSpecies<Long> LONGS =
      LongVector.SPECIES_PREFERRED.withShape(F.vectorShape());
  private static final long LOW = 0xFFFF_FFFFL;
  private static final int GROUP = DropoutMask.GROUP;
  private static final int COUNTERS = DropoutMask.COUNTERS;

  /** Bytes between the elements that two words of a counter decide. */
  private static final long WORD = (long) COUNTERS * Float.BYTES;

  public VectorRandomMask() {}

  @Override
  public void dropout(
      MemorySegment x, MemorySegment y, double p, long key, boolean accumulate, long lo, long hi) {
    long threshold = DropoutMask.threshold(p);
    float factor = (float) (1 / (1 - p));
    if (threshold > LOW) {
      dropAll(y, accumulate, lo, hi);
      return;
    }
    int drop = (int) threshold;
    long first = Math.min(hi, (lo + GROUP - 1) / GROUP * GROUP);
    long last = Math.max(first, hi / GROUP * GROUP);
    edge(x, y, key, threshold, factor, accumulate, lo, first);
    for (long i = first; i < last; i += GROUP) {
      for (int c = 0; c < COUNTERS; c += LENGTH) {
        quarter(x, y, key, drop, factor, accumulate, i, c);
      }
    }
    edge(x, y, key, threshold, factor, accumulate, last, hi);
  }

  private static void dropAll(MemorySegment y, boolean accumulate, long lo, long hi) {
    if (!accumulate) {
      VectorReduction.zero(y, lo, hi - lo);
    }
  }

  /** Elements of a group that the block holds only in part, one by one. */
  private static void edge(
      MemorySegment x,
      MemorySegment y,
      long key,
      long threshold,
      float factor,
      boolean accumulate,
      long lo,
      long hi) {
    if (lo == hi) {
      return;
    }
    int[] words = new int[4];
    for (long i = lo; i < hi; i++) {
      boolean kept = DropoutMask.kept(key, threshold, i, words);
      float value = kept ? x.getAtIndex(JAVA_FLOAT, i) * factor : 0;
      y.setAtIndex(JAVA_FLOAT, i, accumulate ? y.getAtIndex(JAVA_FLOAT, i) + value : value);
    }
  }

  /** The 4·LENGTH elements of the counters {@code [first, first + LENGTH)} of a group. */
  private static void quarter(
      MemorySegment x,
      MemorySegment y,
      long key,
      int threshold,
      float factor,
      boolean accumulate,
      long group,
      int first) {
    long counter = group / GROUP * COUNTERS + first;
    IntVector x0 = IntVector.broadcast(INTS, (int) counter).addIndex(1);
    IntVector x1 = IntVector.broadcast(INTS, (int) (counter >>> 32));
    IntVector x2 = IntVector.zero(INTS);
    IntVector x3 = IntVector.zero(INTS);
    // The mask tells C2 that 32-bit multiplications (vpmuludq) suffice.
    LongVector m0 = LongVector.broadcast(LONGS, Philox.M0).and(LOW);
    LongVector m1 = LongVector.broadcast(LONGS, Philox.M1).and(LOW);
    // The keys of a round are added when the next one begins: what a loop carries has to be an
    // argument for C2 to know the class of the vectors that it calls.
    int k0 = 0;
    int k1 = 0;
    for (int round = 0; round < Philox.ROUNDS; round++) {
      IntVector u0 = IntVector.broadcast(INTS, k0).lanewise(XOR, x0);
      IntVector u2 = IntVector.broadcast(INTS, k1).lanewise(XOR, x2);
      IntVector high0 = high(even(u0).mul(m0), odd(u0).mul(m0));
      IntVector high1 = high(even(u2).mul(m1), odd(u2).mul(m1));
      x0 = high1.lanewise(XOR, x1);
      x2 = high0.lanewise(XOR, x3);
      x1 = u2.mul(Philox.M1);
      x3 = u0.mul(Philox.M0);
      k0 = (int) key + round * Philox.W0;
      k1 = (int) (key >>> 32) + round * Philox.W1;
    }
    IntVector limit = IntVector.broadcast(INTS, threshold);
    VectorMask<Float> kept0 =
        limit.compare(ULE, IntVector.broadcast(INTS, k0).lanewise(XOR, x0)).cast(F);
    VectorMask<Float> kept1 = limit.compare(ULE, x1).cast(F);
    VectorMask<Float> kept2 =
        limit.compare(ULE, IntVector.broadcast(INTS, k1).lanewise(XOR, x2)).cast(F);
    VectorMask<Float> kept3 = limit.compare(ULE, x3).cast(F);
    long at = (group + first) * Float.BYTES;
    // A masked load is 0 where the element is dropped, whatever is there.
    FloatVector v0 = fromMemorySegment(F, x, at, ORDER, kept0).mul(factor);
    FloatVector v1 = fromMemorySegment(F, x, at + WORD, ORDER, kept1).mul(factor);
    FloatVector v2 = fromMemorySegment(F, x, at + 2 * WORD, ORDER, kept2).mul(factor);
    FloatVector v3 = fromMemorySegment(F, x, at + 3 * WORD, ORDER, kept3).mul(factor);
    if (accumulate) {
      v0 = v0.add(fromMemorySegment(F, y, at, ORDER));
      v1 = v1.add(fromMemorySegment(F, y, at + WORD, ORDER));
      v2 = v2.add(fromMemorySegment(F, y, at + 2 * WORD, ORDER));
      v3 = v3.add(fromMemorySegment(F, y, at + 3 * WORD, ORDER));
    }
    v0.intoMemorySegment(y, at, ORDER);
    v1.intoMemorySegment(y, at + WORD, ORDER);
    v2.intoMemorySegment(y, at + 2 * WORD, ORDER);
    v3.intoMemorySegment(y, at + 3 * WORD, ORDER);
  }

  /** The even lanes as unsigned numbers. */
  private static LongVector even(IntVector v) {
    return v.reinterpretAsLongs().and(LOW);
  }

  private static LongVector odd(IntVector v) {
    return v.reinterpretAsLongs().lanewise(LSHR, 32);
  }

  /** The high words of the products of all lanes. */
  private static IntVector high(LongVector even, LongVector odd) {
    return even.lanewise(LSHR, 32).or(odd.and(~LOW)).reinterpretAsInts();
  }
}
