package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Numbers of {@link #GROUP} tokens at once, one token per lane, in double. A number of the group is
 * a cell of scratch memory: two double vectors side by side.
 */
final class DoubleLanes {
  static final VectorSpecies<Double> D =
      VectorSpecies.of(
          double.class, VectorShape.forBitSize(Math.max(128, Lanes.F.vectorBitSize())));

  /**
   * The floats of a group: of the width of the other kernels, so that the JIT knows one class of
   * float vectors only. With several it may box those whose class it cannot tell.
   */
  static final VectorSpecies<Float> S = VectorSpecies.of(float.class, D.vectorShape());

  static final VectorMask<Float> SECOND = S.indexInRange(-D.length(), D.length());

  /** Tokens that go together. */
  static final int GROUP = 2 * D.length();

  /** Bytes of one double vector. */
  static final int HALF = D.vectorByteSize();

  /** Bytes of one number of the whole group. */
  static final int CELL = 2 * HALF;

  private static final double LOG2_E = 1.4426950408889634;
  private static final double LN2_HI = 0x1.62e42fefa3800p-1;
  private static final double LN2_LO = 0x1.ef35793c76730p-45;

  /** Adding 1.5·2^52 leaves the nearest integer in the low bits. */
  private static final double ROUND = 0x1.8p52;

  private static final int EXPONENT_SHIFT = 52;

  private DoubleLanes() {}

  static DoubleVector at(MemorySegment m, long offset) {
    return DoubleVector.fromMemorySegment(D, m, offset, ORDER);
  }

  static void put(DoubleVector v, MemorySegment m, long offset) {
    v.intoMemorySegment(m, offset, ORDER);
  }

  /** Widens the floats of a group, of which {@code count} exist, to {@code scale} times a cell. */
  static void widen(
      MemorySegment from, long offset, int count, double scale, MemorySegment m, long cell) {
    FloatVector v = floats(from, offset, count);
    put(((DoubleVector) v.convertShape(F2D, D, 0)).mul(scale), m, cell);
    put(((DoubleVector) v.convertShape(F2D, D, 1)).mul(scale), m, cell + HALF);
  }

  /**
   * Widens the floats of a group, of which {@code count} exist, to two places, one for each half,
   * and their negatives to two others.
   */
  static void widen(
      MemorySegment from,
      long offset,
      int count,
      MemorySegment m,
      long first,
      long second,
      long negativeFirst,
      long negativeSecond) {
    FloatVector v = floats(from, offset, count);
    DoubleVector low = (DoubleVector) v.convertShape(F2D, D, 0);
    DoubleVector high = (DoubleVector) v.convertShape(F2D, D, 1);
    put(low, m, first);
    put(high, m, second);
    put(low.neg(), m, negativeFirst);
    put(high.neg(), m, negativeSecond);
  }

  /** Rounds a cell to the {@code count} floats that exist. */
  static void narrow(MemorySegment m, long cell, MemorySegment to, long offset, int count) {
    store(narrowed(at(m, cell), at(m, cell + HALF)), to, offset, count);
  }

  /** The two halves of a cell, rounded. */
  static FloatVector narrowed(DoubleVector first, DoubleVector second) {
    FloatVector low = (FloatVector) first.convertShape(D2F, S, 0);
    return low.blend((FloatVector) second.convertShape(D2F, S, -1), SECOND);
  }

  /** The floats of a group. */
  static FloatVector floats(MemorySegment m, long offset) {
    return FloatVector.fromMemorySegment(S, m, offset, ORDER);
  }

  static FloatVector floats(MemorySegment m, long offset, int count) {
    return count >= GROUP
        ? FloatVector.fromMemorySegment(S, m, offset, ORDER)
        : FloatVector.fromMemorySegment(S, m, offset, ORDER, S.indexInRange(0, count));
  }

  static void put(FloatVector v, MemorySegment m, long offset) {
    v.intoMemorySegment(m, offset, ORDER);
  }

  /** Stores the {@code count} floats that exist. */
  static void store(FloatVector v, MemorySegment to, long offset, int count) {
    if (count >= GROUP) {
      v.intoMemorySegment(to, offset, ORDER);
    } else {
      v.intoMemorySegment(to, offset, ORDER, S.indexInRange(0, count));
    }
  }

  /** Rows of a {@code [rows, tokens]} matrix from token {@code t} to cells one after the other. */
  static void load(
      MemorySegment from, int rows, long tokens, long t, int count, MemorySegment m, long cell) {
    for (int k = 0; k < rows; k++) {
      widen(from, (k * tokens + t) * Float.BYTES, count, 1, m, cell + (long) k * CELL);
    }
  }

  /**
   * e^x for x of at most 0, and of at least -700, by the Taylor polynomial of degree 13 on |r| ≤
   * ln(2)/2, whose remainder is below 2^-57; a little more than one unit in the last place.
   */
  static DoubleVector expNonPositive(DoubleVector x) {
    DoubleVector t = x.fma(DoubleVector.broadcast(D, LOG2_E), DoubleVector.broadcast(D, ROUND));
    DoubleVector n = t.sub(ROUND);
    DoubleVector r = n.fma(DoubleVector.broadcast(D, -LN2_HI), x);
    r = n.fma(DoubleVector.broadcast(D, -LN2_LO), r);
    DoubleVector p = r.mul(1.0 / 6227020800.0).add(1.0 / 479001600.0);
    p = p.fma(r, DoubleVector.broadcast(D, 1.0 / 39916800.0));
    p = p.fma(r, DoubleVector.broadcast(D, 1.0 / 3628800.0));
    p = p.fma(r, DoubleVector.broadcast(D, 1.0 / 362880.0));
    p = p.fma(r, DoubleVector.broadcast(D, 1.0 / 40320.0));
    p = p.fma(r, DoubleVector.broadcast(D, 1.0 / 5040.0));
    p = p.fma(r, DoubleVector.broadcast(D, 1.0 / 720.0));
    p = p.fma(r, DoubleVector.broadcast(D, 1.0 / 120.0));
    p = p.fma(r, DoubleVector.broadcast(D, 1.0 / 24.0));
    p = p.fma(r, DoubleVector.broadcast(D, 1.0 / 6.0));
    p = p.fma(r, DoubleVector.broadcast(D, 0.5));
    p = p.fma(r.mul(r), r).add(1);
    return p.reinterpretAsLongs()
        .add(t.reinterpretAsLongs().lanewise(LSHL, EXPONENT_SHIFT))
        .reinterpretAsDoubles();
  }
}
