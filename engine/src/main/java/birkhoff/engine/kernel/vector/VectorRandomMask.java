package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.load;
import static birkhoff.engine.kernel.vector.Lanes.store;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.UGE;
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
  private static final VectorSpecies<Integer> INTS = Lanes.F.withLanes(int.class);
  private static final long LOW = 0xFFFF_FFFFL;
  private static final int GROUP = DropoutMask.GROUP;
  private static final int COUNTERS = DropoutMask.COUNTERS;

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
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < Philox.ROUNDS; round++) {
      LongVector even0 = even(x0).mul(Philox.M0 & LOW);
      LongVector odd0 = odd(x0).mul(Philox.M0 & LOW);
      LongVector even1 = even(x2).mul(Philox.M1 & LOW);
      LongVector odd1 = odd(x2).mul(Philox.M1 & LOW);
      x0 = high(even1, odd1).lanewise(XOR, x1).lanewise(XOR, k0);
      x2 = high(even0, odd0).lanewise(XOR, x3).lanewise(XOR, k1);
      x1 = low(even1, odd1);
      x3 = low(even0, odd0);
      k0 += Philox.W0;
      k1 += Philox.W1;
    }
    long i = group + first;
    put(x, y, x0, threshold, factor, accumulate, i);
    put(x, y, x1, threshold, factor, accumulate, i + COUNTERS);
    put(x, y, x2, threshold, factor, accumulate, i + 2 * COUNTERS);
    put(x, y, x3, threshold, factor, accumulate, i + 3 * COUNTERS);
  }

  private static void put(
      MemorySegment x,
      MemorySegment y,
      IntVector words,
      int threshold,
      float factor,
      boolean accumulate,
      long i) {
    VectorMask<Float> kept = words.compare(UGE, threshold).cast(Lanes.F);
    FloatVector value = FloatVector.zero(Lanes.F).blend(load(x, i).mul(factor), kept);
    if (accumulate) {
      store(load(y, i).add(value), y, i);
    } else {
      store(value, y, i);
    }
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

  private static IntVector low(LongVector even, LongVector odd) {
    return even.and(LOW).or(odd.lanewise(LSHL, 32)).reinterpretAsInts();
  }
}
