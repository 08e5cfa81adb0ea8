package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static birkhoff.engine.kernel.vector.MixedLanes.BYTES;
import static birkhoff.engine.kernel.vector.MixedLanes.S;

import birkhoff.engine.kernel.MixedElementwise;
import birkhoff.engine.kernel.UnaryOp;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;

/** Conversions and functions of bfloat16 elements, in float32 lanes. */
public final class VectorMixedElementwise implements MixedElementwise {
  /** Made when first used: engines without bfloat16 need none of them. */
  private static final class Functions {
    private static final UnaryLoops LOOPS =
        new UnaryLoops(MixedLoop.class, MixedFunctionLoops::map, MixedFunctionLoops::vjp);
  }

  public VectorMixedElementwise() {}

  @Override
  public void narrow(MemorySegment x, long xOff, MemorySegment y, long yOff, long n) {
    long from = xOff * Float.BYTES;
    long to = yOff * Short.BYTES;
    long bytes = n * Short.BYTES;
    long at = 0;
    for (; at <= bytes - BYTES; at += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(Lanes.F, x, from + 2 * at, ORDER);
      MixedLanes.narrow(v).intoMemorySegment(y, to + at, ORDER);
    }
    if (at < bytes) {
      long count = (bytes - at) / Short.BYTES;
      VectorMask<Float> rest = Lanes.first(count);
      FloatVector v = FloatVector.fromMemorySegment(Lanes.F, x, from + 2 * at, ORDER, rest);
      MixedLanes.narrow(v).intoMemorySegment(y, to + at, ORDER, S.indexInRange(0, count));
    }
  }

  @Override
  public void widen(MemorySegment x, long xOff, MemorySegment y, long yOff, long n) {
    long from = xOff * Short.BYTES;
    long to = yOff * Float.BYTES;
    long bytes = n * Short.BYTES;
    long at = 0;
    for (; at <= bytes - BYTES; at += BYTES) {
      ShortVector v = ShortVector.fromMemorySegment(S, x, from + at, ORDER);
      MixedLanes.widen(v).intoMemorySegment(y, to + 2 * at, ORDER);
    }
    if (at < bytes) {
      long count = (bytes - at) / Short.BYTES;
      ShortVector v =
          ShortVector.fromMemorySegment(S, x, from + at, ORDER, S.indexInRange(0, count));
      MixedLanes.widen(v).intoMemorySegment(y, to + 2 * at, ORDER, Lanes.first(count));
    }
  }

  @Override
  public void add(MemorySegment x, MemorySegment y, long lo, long hi) {
    long end = hi * Short.BYTES;
    long at = lo * Short.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = MixedLanes.widen(ShortVector.fromMemorySegment(S, x, at, ORDER));
      v = v.add(MixedLanes.widen(ShortVector.fromMemorySegment(S, y, at, ORDER)));
      MixedLanes.narrow(v).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Short> rest = S.indexInRange(0, (end - at) / Short.BYTES);
      FloatVector v = MixedLanes.widen(ShortVector.fromMemorySegment(S, x, at, ORDER, rest));
      v = v.add(MixedLanes.widen(ShortVector.fromMemorySegment(S, y, at, ORDER, rest)));
      MixedLanes.narrow(v).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  @Override
  public void unary(UnaryOp op, MemorySegment x, MemorySegment y, long lo, long hi) {
    Functions.LOOPS.map(op).map(x, y, lo, hi);
  }

  @Override
  public void unaryVjp(
      UnaryOp op, MemorySegment saved, MemorySegment gy, MemorySegment gx, long lo, long hi) {
    MemorySegment read = op.needs() == UnaryOp.Needs.NOTHING ? gy : saved;
    Functions.LOOPS.vjp(op).vjp(read, gy, gx, false, lo, hi);
  }
}
