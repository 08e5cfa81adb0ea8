package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.Reduction;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Sums in double, in index order. */
public final class ScalarReduction implements Reduction {
  private final Elements e;

  public ScalarReduction(DType dtype) {
    this.e = new Elements(dtype);
  }

  @Override
  public double sum(MemorySegment x, long lo, long hi) {
    double s = 0;
    for (long i = lo; i < hi; i++) {
      s += e.get(x, i);
    }
    return s;
  }

  @Override
  public double sumSquares(MemorySegment x, long lo, long hi) {
    return dot(x, x, lo, hi);
  }

  @Override
  public double dot(MemorySegment x, MemorySegment y, long lo, long hi) {
    double s = 0;
    for (long i = lo; i < hi; i++) {
      s += e.get(x, i) * e.get(y, i);
    }
    return s;
  }

  @Override
  public double max(MemorySegment x, long lo, long hi) {
    double m = Double.NEGATIVE_INFINITY;
    for (long i = lo; i < hi; i++) {
      m = Math.max(m, e.get(x, i));
    }
    return m;
  }

  @Override
  public void rowSums(MemorySegment x, long cols, MemorySegment out, long lo, long hi) {
    for (long r = lo; r < hi; r++) {
      e.set(out, r, sum(x, r * cols, (r + 1) * cols));
    }
  }

  @Override
  public void rowMax(MemorySegment x, long cols, MemorySegment out, long lo, long hi) {
    for (long r = lo; r < hi; r++) {
      e.set(out, r, max(x, r * cols, (r + 1) * cols));
    }
  }

  @Override
  public void columnSums(
      MemorySegment x,
      long cols,
      MemorySegment out,
      long outOff,
      boolean accumulate,
      long lo,
      long hi) {
    for (long c = 0; c < cols; c++) {
      double s = accumulate ? e.get(out, outOff + c) : 0;
      for (long r = lo; r < hi; r++) {
        s += e.get(x, r * cols + c);
      }
      e.set(out, outOff + c, s);
    }
  }
}
