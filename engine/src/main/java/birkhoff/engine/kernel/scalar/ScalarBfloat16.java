package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.Bfloat16;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Numbers in bfloat16, one at a time; functions and sums in double. Thread-safe. */
public final class ScalarBfloat16 implements Bfloat16 {
  private final Elements e;

  /** Kernel for {@code FLOAT32} or {@code FLOAT64} operands beside the bfloat16 ones. */
  public ScalarBfloat16(DType dtype) {
    this.e = new Elements(dtype);
  }

  @Override
  public void narrow(MemorySegment from, long fromOff, MemorySegment to, long toOff, long n) {
    for (long i = 0; i < n; i++) {
      set(to, toOff + i, e.get(from, fromOff + i));
    }
  }

  @Override
  public void widen(MemorySegment from, long fromOff, MemorySegment to, long toOff, long n) {
    for (long i = 0; i < n; i++) {
      e.set(to, toOff + i, get(from, fromOff + i));
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

  @Override
  public long scratchBytes(ProductShape shape) {
    return 0;
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
    int k = shape.k();
    for (int i = 0; i < shape.m(); i++) {
      for (long j = lo; j < hi; j++) {
        double sum = 0;
        for (int p = 0; p < k; p++) {
          sum += e.get(x, (long) i * k + p) * get(w, j * k + p);
        }
        e.set(y, (long) i * shape.n() + j, sum + e.getOr(bias, j, 0));
      }
    }
  }

  private static void set(MemorySegment s, long i, double value) {
    s.setAtIndex(ValueLayout.JAVA_SHORT, i, DType.toBfloat16((float) value));
  }

  private static float get(MemorySegment s, long i) {
    return DType.fromBfloat16(s.getAtIndex(ValueLayout.JAVA_SHORT, i));
  }
}
