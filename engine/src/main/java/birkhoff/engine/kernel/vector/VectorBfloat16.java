package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import birkhoff.engine.kernel.Bfloat16;
import birkhoff.engine.kernel.WeightRows;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Matrices in bfloat16 beside float32 operands. A bfloat16 is the upper half of a float32: widening
 * is a load of shorts, a zero extension and a shift. Needs vectors of 128 bit at least.
 * Thread-safe.
 */
public final class VectorBfloat16 implements Bfloat16 {
  /** Narrower vectors have no half. */
  static final int LEAST_BITS = 128;

  private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
  private static final VectorSpecies<Short> HALF =
      VectorSpecies.of(short.class, VectorShape.forBitSize(Math.max(64, F.vectorBitSize() / 2)));
  private static final int HALF_BYTES = BYTES / 2;
  private static final int TWO = 2 * BYTES;
  private static final int THREE = 3 * BYTES;

  /** Stateless. */
  public VectorBfloat16() {}

  @Override
  public void narrow(MemorySegment from, MemorySegment to, long lo, long hi) {
    for (long i = lo; i < hi; i++) {
      to.setAtIndex(JAVA_SHORT, i, DType.toBfloat16(from.getAtIndex(JAVA_FLOAT, i)));
    }
  }

  @Override
  public void widen(MemorySegment from, long fromOff, MemorySegment to, long toOff, long n) {
    widenRun(
        from.asSlice(fromOff * Short.BYTES, n * Short.BYTES),
        to.asSlice(toOff * Float.BYTES, n * Float.BYTES),
        Math.toIntExact(n));
  }

  private static void widenRun(MemorySegment from, MemorySegment to, int n) {
    int bytes = n * Float.BYTES;
    int at = 0;
    for (; at <= bytes - BYTES; at += BYTES) {
      load(from, at / 2).intoMemorySegment(to, at, ORDER);
    }
    for (int i = at / Float.BYTES; i < n; i++) {
      to.setAtIndex(JAVA_FLOAT, i, DType.fromBfloat16(from.getAtIndex(JAVA_SHORT, i)));
    }
  }

  /** For more than one row of x the rows of the weights are widened once. */
  @Override
  public long scratchBytes(ProductShape shape) {
    return shape.m() == 1 ? 0 : (long) WeightRows.GROUP * shape.k() * Float.BYTES;
  }

  @Override
  public void product(
      ProductShape shape,
      MemorySegment x,
      MemorySegment w,
      MemorySegment bias,
      MemorySegment y,
      MemorySegment scratch,
      long lo,
      long hi) {
    if (shape.m() == 1) {
      one(x, w, bias, y, shape.k(), lo, hi);
    } else {
      several(shape, x, w, bias, y, scratch, lo, hi);
    }
  }

  private static void one(
      MemorySegment x,
      MemorySegment w,
      MemorySegment bias,
      MemorySegment y,
      int k,
      long lo,
      long hi) {
    for (long j = lo; j < hi; j++) {
      float sum = dot(x, w, j, k);
      y.setAtIndex(JAVA_FLOAT, j, bias == null ? sum : sum + bias.getAtIndex(JAVA_FLOAT, j));
    }
  }

  /** The row of {@code matrix} times the vector; slices as in {@link FewRows}. */
  private static float dot(MemorySegment vector, MemorySegment matrix, long row, int k) {
    int bytes = k * Short.BYTES;
    MemorySegment x = vector.asSlice(0, (long) k * Float.BYTES);
    MemorySegment w = matrix.asSlice(row * bytes, bytes);
    FloatVector a = FloatVector.zero(F);
    FloatVector b = FloatVector.zero(F);
    FloatVector c = FloatVector.zero(F);
    FloatVector d = FloatVector.zero(F);
    int at = 0;
    for (; at <= bytes - 2 * BYTES; at += 2 * BYTES) {
      a = load(w, at).fma(fromMemorySegment(F, x, at + at, ORDER), a);
      b = load(w, at + HALF_BYTES).fma(fromMemorySegment(F, x, at + at + BYTES, ORDER), b);
      c = load(w, at + BYTES).fma(fromMemorySegment(F, x, at + at + TWO, ORDER), c);
      d = load(w, at + BYTES + HALF_BYTES).fma(fromMemorySegment(F, x, at + at + THREE, ORDER), d);
    }
    for (; at <= bytes - HALF_BYTES; at += HALF_BYTES) {
      a = load(w, at).fma(fromMemorySegment(F, x, at + at, ORDER), a);
    }
    float sum = Lanes.sum(a.add(b).add(c.add(d)));
    for (; at < bytes; at += Short.BYTES) {
      float weight = DType.fromBfloat16(w.get(ValueLayout.JAVA_SHORT, at));
      sum = Math.fma(weight, x.get(JAVA_FLOAT, 2L * at), sum);
    }
    return sum;
  }

  private static void several(
      ProductShape shape,
      MemorySegment x,
      MemorySegment w,
      MemorySegment bias,
      MemorySegment y,
      MemorySegment scratch,
      long lo,
      long hi) {
    int k = shape.k();
    float[] sums = new float[FewRows.SUMS];
    for (long j = lo; j < hi; j += WeightRows.GROUP) {
      int rows = (int) Math.min(WeightRows.GROUP, hi - j);
      widenRun(
          w.asSlice(j * k * Short.BYTES, (long) rows * k * Short.BYTES),
          scratch.asSlice(0, (long) rows * k * Float.BYTES),
          rows * k);
      for (int i = 0; i < shape.m(); i++) {
        FewRows.dots(x, (long) i * k, scratch, 0, k, rows - 1, k, sums);
        for (int r = 0; r < rows; r++) {
          float sum = bias == null ? sums[r] : sums[r] + bias.getAtIndex(JAVA_FLOAT, j + r);
          y.setAtIndex(JAVA_FLOAT, (long) i * shape.n() + j + r, sum);
        }
      }
    }
  }

  private static FloatVector load(MemorySegment s, long at) {
    ShortVector shorts = ShortVector.fromMemorySegment(HALF, s, at, ORDER);
    IntVector wide = (IntVector) shorts.convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
    return wide.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats();
  }
}
