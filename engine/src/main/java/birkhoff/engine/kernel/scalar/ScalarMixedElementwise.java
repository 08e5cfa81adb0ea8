package birkhoff.engine.kernel.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import birkhoff.engine.kernel.MixedElementwise;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Conversions as {@link DType} defines them, functions in double. */
public final class ScalarMixedElementwise implements MixedElementwise {
  public ScalarMixedElementwise() {}

  private static float get(MemorySegment s, long i) {
    return DType.fromBfloat16(s.getAtIndex(JAVA_SHORT, i));
  }

  private static void set(MemorySegment s, long i, double value) {
    s.setAtIndex(JAVA_SHORT, i, DType.toBfloat16((float) value));
  }

  @Override
  public void narrow(MemorySegment x, long xOff, MemorySegment y, long yOff, long n) {
    for (long i = 0; i < n; i++) {
      set(y, yOff + i, x.getAtIndex(JAVA_FLOAT, xOff + i));
    }
  }

  @Override
  public void widen(MemorySegment x, long xOff, MemorySegment y, long yOff, long n) {
    for (long i = 0; i < n; i++) {
      y.setAtIndex(JAVA_FLOAT, yOff + i, get(x, xOff + i));
    }
  }

  @Override
  public void add(MemorySegment x, MemorySegment y, long lo, long hi) {
    for (long i = lo; i < hi; i++) {
      set(y, i, get(x, i) + get(y, i));
    }
  }

  @Override
  public void unary(UnaryOp op, MemorySegment x, MemorySegment y, long lo, long hi) {
    for (long i = lo; i < hi; i++) {
      set(y, i, op.f(get(x, i)));
    }
  }

  @Override
  public void unaryVjp(
      UnaryOp op, MemorySegment saved, MemorySegment gy, MemorySegment gx, long lo, long hi) {
    for (long i = lo; i < hi; i++) {
      double at = op.needs() == UnaryOp.Needs.NOTHING ? 0 : get(saved, i);
      set(gx, i, get(gy, i) * op.df(at, at));
    }
  }
}
