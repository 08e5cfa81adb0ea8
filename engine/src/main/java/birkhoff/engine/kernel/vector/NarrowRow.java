package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import birkhoff.engine.kernel.WeightRows;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code y = x·Wᵀ + b} for one row x of float32 and weights in bfloat16. Two neighbours of a row of
 * the weights are one int: shifted up it is the even one as a float32, its upper half alone is the
 * odd one. So x is split into even and odd elements first, and nothing moves across lanes. The sum
 * over k is one per lane, then a fixed tree, then what fills no vector.
 */
final class NarrowRow {
  private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
  private static final int ROWS = FewRows.ROWS;
  private static final int TWO = 2 * BYTES;
  private static final int UPPER = 0xffff0000;

  /** Numbers of bfloat16 in one vector. */
  private static final int PAIRS = 2 * LENGTH;

  private static final VectorShuffle<Float> EVEN = every(0);
  private static final VectorShuffle<Float> ODD = every(1);
  private static final VectorMask<Float> SECOND =
      VectorMask.fromLong(F, ((1L << LENGTH) - 1) >>> (LENGTH / 2) << (LENGTH / 2));

  private NarrowRow() {}

  private static VectorShuffle<Float> every(int first) {
    return VectorShuffle.fromOp(F, i -> (2 * i + first) % LENGTH);
  }

  /** Both halves of x and the sums. */
  static long scratchBytes(int k) {
    return (long) whole(k) * Float.BYTES + (long) ROWS * BYTES;
  }

  /** How many of {@code k} elements fill vectors. */
  private static int whole(int k) {
    return k / PAIRS * PAIRS;
  }

  /** For the weights' rows {@code [lo, hi)}. */
  static void product(
      MemorySegment x,
      MemorySegment w,
      MemorySegment bias,
      MemorySegment y,
      MemorySegment scratch,
      int k,
      long lo,
      long hi) {
    split(x, scratch, whole(k));
    long apart = WeightRows.apart(lo, hi, ROWS);
    for (long j = lo; j < lo + apart; j++) {
      if (ROWS == 2) {
        lanes2(scratch, w, j, apart, hi - 1, k);
      } else {
        lanes4(scratch, w, j, apart, hi - 1, k);
      }
      for (int r = 0; r < ROWS && j + r * apart < hi; r++) {
        finish(x, w, bias, y, scratch, k, j + r * apart, r);
      }
    }
  }

  /** Even elements of x first, then the odd ones. */
  private static void split(MemorySegment x, MemorySegment to, int n) {
    int half = n / 2 * Float.BYTES;
    for (int at = 0; at < half; at += BYTES) {
      FloatVector a = fromMemorySegment(F, x, 2L * at, ORDER);
      FloatVector b = fromMemorySegment(F, x, 2L * at + BYTES, ORDER);
      a.rearrange(EVEN).blend(b.rearrange(EVEN), SECOND).intoMemorySegment(to, at, ORDER);
      a.rearrange(ODD)
          .blend(b.rearrange(ODD), SECOND)
          .intoMemorySegment(to, (long) half + at, ORDER);
    }
  }

  /**
   * Sums, lane by lane, of what fills vectors in two rows. Slices and offsets as in {@link
   * FewRows}; no method of ours is called, for C2 would not inline it and allocate its arguments.
   */
  private static void lanes2(
      MemorySegment scratch, MemorySegment matrix, long j, long apart, long last, int k) {
    int bytes = whole(k) * Short.BYTES;
    long pitch = (long) k * Short.BYTES;
    MemorySegment even = scratch.asSlice(0, bytes);
    MemorySegment odd = scratch.asSlice(bytes, bytes);
    MemorySegment w0 = matrix.asSlice(j * pitch, bytes);
    MemorySegment w1 = matrix.asSlice(Math.min(j + apart, last) * pitch, bytes);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector t0 = FloatVector.zero(F);
    FloatVector t1 = FloatVector.zero(F);
    int at = 0;
    for (; at <= bytes - TWO; at += TWO) {
      FloatVector u = fromMemorySegment(F, even, at, ORDER);
      FloatVector v = fromMemorySegment(F, odd, at, ORDER);
      IntVector p = IntVector.fromMemorySegment(I, w0, at, ORDER);
      IntVector q = IntVector.fromMemorySegment(I, w1, at, ORDER);
      s0 = p.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().fma(u, s0);
      s1 = q.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().fma(u, s1);
      t0 = p.and(UPPER).reinterpretAsFloats().fma(v, t0);
      t1 = q.and(UPPER).reinterpretAsFloats().fma(v, t1);
      u = fromMemorySegment(F, even, at + BYTES, ORDER);
      v = fromMemorySegment(F, odd, at + BYTES, ORDER);
      p = IntVector.fromMemorySegment(I, w0, at + BYTES, ORDER);
      q = IntVector.fromMemorySegment(I, w1, at + BYTES, ORDER);
      s0 = p.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().fma(u, s0);
      s1 = q.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().fma(u, s1);
      t0 = p.and(UPPER).reinterpretAsFloats().fma(v, t0);
      t1 = q.and(UPPER).reinterpretAsFloats().fma(v, t1);
    }
    if (at < bytes) {
      FloatVector u = fromMemorySegment(F, even, at, ORDER);
      FloatVector v = fromMemorySegment(F, odd, at, ORDER);
      IntVector p = IntVector.fromMemorySegment(I, w0, at, ORDER);
      IntVector q = IntVector.fromMemorySegment(I, w1, at, ORDER);
      s0 = p.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().fma(u, s0);
      s1 = q.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().fma(u, s1);
      t0 = p.and(UPPER).reinterpretAsFloats().fma(v, t0);
      t1 = q.and(UPPER).reinterpretAsFloats().fma(v, t1);
    }
    s0.add(t0).intoMemorySegment(scratch, 2L * bytes, ORDER);
    s1.add(t1).intoMemorySegment(scratch, 2L * bytes + BYTES, ORDER);
  }

  /** The same of four rows. */
  private static void lanes4(
      MemorySegment scratch, MemorySegment matrix, long j, long apart, long last, int k) {
    int bytes = whole(k) * Short.BYTES;
    long pitch = (long) k * Short.BYTES;
    MemorySegment even = scratch.asSlice(0, bytes);
    MemorySegment odd = scratch.asSlice(bytes, bytes);
    MemorySegment w0 = matrix.asSlice(j * pitch, bytes);
    MemorySegment w1 = matrix.asSlice(Math.min(j + apart, last) * pitch, bytes);
    MemorySegment w2 = matrix.asSlice(Math.min(j + 2 * apart, last) * pitch, bytes);
    MemorySegment w3 = matrix.asSlice(Math.min(j + 3 * apart, last) * pitch, bytes);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector s2 = FloatVector.zero(F);
    FloatVector s3 = FloatVector.zero(F);
    FloatVector t0 = FloatVector.zero(F);
    FloatVector t1 = FloatVector.zero(F);
    FloatVector t2 = FloatVector.zero(F);
    FloatVector t3 = FloatVector.zero(F);
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector u = fromMemorySegment(F, even, at, ORDER);
      FloatVector v = fromMemorySegment(F, odd, at, ORDER);
      IntVector p = IntVector.fromMemorySegment(I, w0, at, ORDER);
      s0 = p.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().fma(u, s0);
      t0 = p.and(UPPER).reinterpretAsFloats().fma(v, t0);
      p = IntVector.fromMemorySegment(I, w1, at, ORDER);
      s1 = p.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().fma(u, s1);
      t1 = p.and(UPPER).reinterpretAsFloats().fma(v, t1);
      p = IntVector.fromMemorySegment(I, w2, at, ORDER);
      s2 = p.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().fma(u, s2);
      t2 = p.and(UPPER).reinterpretAsFloats().fma(v, t2);
      p = IntVector.fromMemorySegment(I, w3, at, ORDER);
      s3 = p.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().fma(u, s3);
      t3 = p.and(UPPER).reinterpretAsFloats().fma(v, t3);
    }
    long to = 2L * bytes;
    s0.add(t0).intoMemorySegment(scratch, to, ORDER);
    s1.add(t1).intoMemorySegment(scratch, to + BYTES, ORDER);
    s2.add(t2).intoMemorySegment(scratch, to + 2L * BYTES, ORDER);
    s3.add(t3).intoMemorySegment(scratch, to + 3L * BYTES, ORDER);
  }

  private static void finish(
      MemorySegment x,
      MemorySegment w,
      MemorySegment bias,
      MemorySegment y,
      MemorySegment scratch,
      int k,
      long row,
      int index) {
    long sums = (long) whole(k) * Float.BYTES;
    float sum = Lanes.sum(fromMemorySegment(F, scratch, sums + (long) index * BYTES, ORDER));
    for (int p = whole(k); p < k; p++) {
      float weight = DType.fromBfloat16(w.getAtIndex(JAVA_SHORT, row * k + p));
      sum = Math.fma(weight, x.getAtIndex(JAVA_FLOAT, p), sum);
    }
    y.setAtIndex(JAVA_FLOAT, row, bias == null ? sum : sum + bias.getAtIndex(JAVA_FLOAT, row));
  }
}
