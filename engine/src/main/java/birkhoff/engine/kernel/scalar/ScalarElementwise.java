package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.kernel.Elementwise;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/** The functions of {@link UnaryOp} and {@link BinaryOp} as they are written, in double. */
public final class ScalarElementwise implements Elementwise {
  private final Elements e;

  public ScalarElementwise(DType dtype) {
    this.e = new Elements(dtype);
  }

  @Override
  public void unary(UnaryOp op, MemorySegment x, MemorySegment y, long lo, long hi) {
    for (long i = lo; i < hi; i++) {
      e.set(y, i, op.f(e.get(x, i)));
    }
  }

  @Override
  public void unaryVjp(
      UnaryOp op,
      MemorySegment x,
      MemorySegment y,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long lo,
      long hi) {
    boolean input = op.needs() == UnaryOp.Needs.INPUT;
    boolean output = op.needs() == UnaryOp.Needs.OUTPUT;
    for (long i = lo; i < hi; i++) {
      double df = op.df(input ? e.get(x, i) : 0, output ? e.get(y, i) : 0);
      e.put(gx, i, e.get(gy, i) * df, accumulate);
    }
  }

  @Override
  public void binary(
      BinaryOp op,
      MemorySegment a,
      long aOff,
      long aInc,
      MemorySegment b,
      long bOff,
      long bInc,
      MemorySegment z,
      long zOff,
      long n) {
    for (long i = 0; i < n; i++) {
      e.set(z, zOff + i, op.f(e.get(a, aOff + i * aInc), e.get(b, bOff + i * bInc)));
    }
  }

  @Override
  public void binaryVjp(
      BinaryOp op,
      boolean first,
      MemorySegment a,
      long aOff,
      long aInc,
      MemorySegment b,
      long bOff,
      long bInc,
      MemorySegment gz,
      MemorySegment g,
      long gOff,
      long n) {
    for (long i = 0; i < n; i++) {
      double x = op.needsInputs() ? e.get(a, aOff + i * aInc) : 0;
      double y = op.needsInputs() ? e.get(b, bOff + i * bInc) : 0;
      e.set(g, gOff + i, e.get(gz, gOff + i) * (first ? op.da(x, y) : op.db(x, y)));
    }
  }

  @Override
  public void axpby(double alpha, MemorySegment x, double beta, MemorySegment y, long lo, long hi) {
    for (long i = lo; i < hi; i++) {
      double scaled = alpha * e.get(x, i);
      e.set(y, i, beta == 0 ? scaled : scaled + beta * e.get(y, i));
    }
  }

  @Override
  public void copy(
      MemorySegment x, long xOff, long xInc, MemorySegment y, long yOff, long yInc, long n) {
    for (long i = 0; i < n; i++) {
      e.set(y, yOff + i * yInc, e.get(x, xOff + i * xInc));
    }
  }

  @Override
  public void fill(double value, MemorySegment y, long lo, long hi) {
    for (long i = lo; i < hi; i++) {
      e.set(y, i, value);
    }
  }
}
