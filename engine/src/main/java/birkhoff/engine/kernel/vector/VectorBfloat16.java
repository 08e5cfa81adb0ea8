package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import birkhoff.engine.kernel.Bfloat16;
import birkhoff.engine.kernel.UnaryOp;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Numbers in bfloat16, in float32 lanes. A bfloat16 is the upper half of a float32: widening is a
 * load of shorts, a zero extension and a shift. Needs vectors of 128 bit at least. Thread-safe.
 */
public final class VectorBfloat16 implements Bfloat16 {
  /** Narrower vectors have no half. */
  static final int LEAST_BITS = 128;

  private static final VectorSpecies<Short> HALF = MixedLanes.S;
  private static final int HALF_BYTES = MixedLanes.BYTES;

  /** Made when first used: engines without bfloat16 need none of them. */
  private static final class Functions {
    private static final List<UnaryKernel> LOOPS =
        Specialized.copies(MixedLoop.class, Arrays.stream(UnaryOp.values()), UnaryKernel.class);
  }

  /** Stateless. */
  public VectorBfloat16() {}

  @Override
  public void narrow(MemorySegment x, long xOff, MemorySegment y, long yOff, long n) {
    long from = xOff * Float.BYTES;
    long to = yOff * Short.BYTES;
    long bytes = n * Short.BYTES;
    long at = 0;
    for (; at <= bytes - HALF_BYTES; at += HALF_BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, from + 2 * at, ORDER);
      MixedLanes.narrow(v).intoMemorySegment(y, to + at, ORDER);
    }
    if (at < bytes) {
      long count = (bytes - at) / Short.BYTES;
      VectorMask<Float> rest = Lanes.first(count);
      FloatVector v = FloatVector.fromMemorySegment(F, x, from + 2 * at, ORDER, rest);
      MixedLanes.narrow(v).intoMemorySegment(y, to + at, ORDER, HALF.indexInRange(0, count));
    }
  }

  @Override
  public void widen(MemorySegment x, long xOff, MemorySegment y, long yOff, long n) {
    long from = xOff * Short.BYTES;
    long to = yOff * Float.BYTES;
    long bytes = n * Short.BYTES;
    long at = 0;
    for (; at <= bytes - HALF_BYTES; at += HALF_BYTES) {
      ShortVector v = ShortVector.fromMemorySegment(HALF, x, from + at, ORDER);
      MixedLanes.widen(v).intoMemorySegment(y, to + 2 * at, ORDER);
    }
    if (at < bytes) {
      long count = (bytes - at) / Short.BYTES;
      ShortVector v =
          ShortVector.fromMemorySegment(HALF, x, from + at, ORDER, HALF.indexInRange(0, count));
      MixedLanes.widen(v).intoMemorySegment(y, to + 2 * at, ORDER, Lanes.first(count));
    }
  }

  @Override
  public void add(MemorySegment x, MemorySegment y, long lo, long hi) {
    long end = hi * Short.BYTES;
    long at = lo * Short.BYTES;
    for (; at <= end - HALF_BYTES; at += HALF_BYTES) {
      FloatVector v = MixedLanes.widen(ShortVector.fromMemorySegment(HALF, x, at, ORDER));
      v = v.add(MixedLanes.widen(ShortVector.fromMemorySegment(HALF, y, at, ORDER)));
      MixedLanes.narrow(v).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Short> rest = HALF.indexInRange(0, (end - at) / Short.BYTES);
      FloatVector v = MixedLanes.widen(ShortVector.fromMemorySegment(HALF, x, at, ORDER, rest));
      v = v.add(MixedLanes.widen(ShortVector.fromMemorySegment(HALF, y, at, ORDER, rest)));
      MixedLanes.narrow(v).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  @Override
  public void unary(UnaryOp op, MemorySegment x, MemorySegment y, long lo, long hi) {
    Functions.LOOPS.get(op.ordinal()).map(x, y, lo, hi);
  }

  @Override
  public void unaryVjp(
      UnaryOp op, MemorySegment saved, MemorySegment gy, MemorySegment gx, long lo, long hi) {
    MemorySegment read = op.needs() == UnaryOp.Needs.NOTHING ? gy : saved;
    Functions.LOOPS.get(op.ordinal()).vjp(read, gy, gx, false, lo, hi);
  }

  /** For one row of x, its halves and the sums; for more, rows of the weights that are widened. */
  @Override
  public long scratchBytes(ProductShape shape) {
    return shape.m() == 1
        ? NarrowRow.scratchBytes(shape.k())
        : (long) FewRows.ROWS * shape.k() * Float.BYTES;
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
      NarrowRow.product(x, w, bias, y, scratch, shape.k(), lo, hi);
    } else {
      several(shape, x, w, bias, y, scratch, lo, hi);
    }
  }

  private void several(
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
    for (long j = lo; j < hi; j += FewRows.ROWS) {
      int rows = (int) Math.min(FewRows.ROWS, hi - j);
      widen(w, j * k, scratch, 0, (long) rows * k);
      for (int i = 0; i < shape.m(); i++) {
        FewRows.dots(x, (long) i * k, scratch, 0, 1, k, rows - 1, k, sums);
        for (int r = 0; r < rows; r++) {
          float sum = bias == null ? sums[r] : sums[r] + bias.getAtIndex(JAVA_FLOAT, j + r);
          y.setAtIndex(JAVA_FLOAT, (long) i * shape.n() + j + r, sum);
        }
      }
    }
  }
}
