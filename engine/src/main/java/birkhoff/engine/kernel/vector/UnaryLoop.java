package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;

import birkhoff.engine.kernel.UnaryOp;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** The loops of one unary function on float32; runs only as a {@link Specialized} copy. */
final class UnaryLoop implements UnaryKernel {
  private static final UnaryOp OP = Specialized.data(MethodHandles.lookup(), UnaryOp.class);

  UnaryLoop() {}

  @Override
  public void map(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Float.BYTES;
    long end = hi * Float.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(Lanes.F, x, at, ORDER);
      UnaryFunctions.f(OP, v).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector v = FloatVector.fromMemorySegment(Lanes.F, x, at, ORDER, rest);
      UnaryFunctions.f(OP, v).intoMemorySegment(y, at, ORDER, rest);
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
    long end = hi * Float.BYTES;
    long at =
        accumulate
            ? add(saved, gy, gx, lo * Float.BYTES, end)
            : put(saved, gy, gx, lo * Float.BYTES, end);
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector v = FloatVector.fromMemorySegment(Lanes.F, saved, at, ORDER, rest);
      FloatVector df = UnaryFunctions.df(OP, v);
      FloatVector g = FloatVector.fromMemorySegment(Lanes.F, gy, at, ORDER, rest).mul(df);
      if (accumulate) {
        g = g.add(FloatVector.fromMemorySegment(Lanes.F, gx, at, ORDER, rest));
      }
      g.intoMemorySegment(gx, at, ORDER, rest);
    }
  }

  private static long put(
      MemorySegment saved, MemorySegment gy, MemorySegment gx, long from, long end) {
    long at = from;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(Lanes.F, saved, at, ORDER);
      FloatVector df = UnaryFunctions.df(OP, v);
      FloatVector.fromMemorySegment(Lanes.F, gy, at, ORDER)
          .mul(df)
          .intoMemorySegment(gx, at, ORDER);
    }
    return at;
  }

  private static long add(
      MemorySegment saved, MemorySegment gy, MemorySegment gx, long from, long end) {
    long at = from;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(Lanes.F, saved, at, ORDER);
      FloatVector df = UnaryFunctions.df(OP, v);
      FloatVector.fromMemorySegment(Lanes.F, gy, at, ORDER)
          .mul(df)
          .add(FloatVector.fromMemorySegment(Lanes.F, gx, at, ORDER))
          .intoMemorySegment(gx, at, ORDER);
    }
    return at;
  }
}
