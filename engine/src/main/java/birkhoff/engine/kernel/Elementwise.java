package birkhoff.engine.kernel;

import java.lang.foreign.MemorySegment;

/**
 * One element at a time. Offsets, increments and counts are in elements. An output may be the same
 * memory as an input of equal offset and increment; other overlaps are not allowed.
 */
public interface Elementwise {
  /** {@code y[i] = f(x[i])} for {@code i} in {@code [lo, hi)}, contiguous. */
  void unary(UnaryOp op, MemorySegment x, MemorySegment y, long lo, long hi);

  /**
   * {@code gx[i] = (accumulate ? gx[i] : 0) + gy[i]·f'(x[i])}, contiguous. Of {@code x} and {@code
   * y} only the one that {@code op.needs()} names is read; the other may be null.
   */
  void unaryVjp(
      UnaryOp op,
      MemorySegment x,
      MemorySegment y,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long lo,
      long hi);

  /**
   * {@code z[zOff+i] = f(a[aOff+i·aInc], b[bOff+i·bInc])} for {@code i} in {@code [0, n)}; an
   * increment of 0 repeats one element.
   */
  void binary(
      BinaryOp op,
      MemorySegment a,
      long aOff,
      long aInc,
      MemorySegment b,
      long bOff,
      long bInc,
      MemorySegment z,
      long zOff,
      long n);

  /**
   * {@code g[gOff+i] = gz[gOff+i]·∂f/∂(a or b)} with the operands addressed as in {@link #binary};
   * broadcast dimensions are summed afterwards by the caller. The operands are not read (and may be
   * null) unless {@code op.needsInputs()}.
   */
  void binaryVjp(
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
      long n);

  /**
   * {@code y[i] = alpha·x[i] + beta·y[i]} on {@code [lo, hi)}; with {@code beta = 0}, y is not
   * read.
   */
  void axpby(double alpha, MemorySegment x, double beta, MemorySegment y, long lo, long hi);

  /** {@code y[yOff+i·yInc] = x[xOff+i·xInc]} for {@code i} in {@code [0, n)}. */
  void copy(MemorySegment x, long xOff, long xInc, MemorySegment y, long yOff, long yInc, long n);

  /** {@code y[i] = value} on {@code [lo, hi)}. */
  void fill(double value, MemorySegment y, long lo, long hi);
}
