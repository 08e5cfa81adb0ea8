package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static birkhoff.engine.kernel.vector.MixedLanes.BYTES;
import static birkhoff.engine.kernel.vector.MixedLanes.S;

import birkhoff.engine.kernel.UnaryOp;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;

/** The loops of one unary function on bfloat16; runs only as a {@link Specialized} copy. */
final class MixedLoop implements UnaryKernel {
  private static final UnaryOp OP = Specialized.data(MethodHandles.lookup(), UnaryOp.class);

  MixedLoop() {}

  @Override
  public void map(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Short.BYTES;
    long end = hi * Short.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = MixedLanes.widen(ShortVector.fromMemorySegment(S, x, at, ORDER));
      MixedLanes.narrow(UnaryFunctions.f(OP, v)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Short> rest = S.indexInRange(0, (end - at) / Short.BYTES);
      FloatVector v = MixedLanes.widen(ShortVector.fromMemorySegment(S, x, at, ORDER, rest));
      MixedLanes.narrow(UnaryFunctions.f(OP, v)).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  @Override
  public void vjp(
      MemorySegment saved,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long lo,
      long hi) {
    long at = lo * Short.BYTES;
    long end = hi * Short.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = MixedLanes.widen(ShortVector.fromMemorySegment(S, saved, at, ORDER));
      FloatVector g = MixedLanes.widen(ShortVector.fromMemorySegment(S, gy, at, ORDER));
      MixedLanes.narrow(UnaryFunctions.df(OP, v).mul(g)).intoMemorySegment(gx, at, ORDER);
    }
    if (at < end) {
      VectorMask<Short> rest = S.indexInRange(0, (end - at) / Short.BYTES);
      FloatVector v = MixedLanes.widen(ShortVector.fromMemorySegment(S, saved, at, ORDER, rest));
      FloatVector g = MixedLanes.widen(ShortVector.fromMemorySegment(S, gy, at, ORDER, rest));
      MixedLanes.narrow(UnaryFunctions.df(OP, v).mul(g)).intoMemorySegment(gx, at, ORDER, rest);
    }
  }
}
