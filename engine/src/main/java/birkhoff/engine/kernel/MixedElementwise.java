package birkhoff.engine.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Conversions between float32 and bfloat16, and functions of bfloat16 elements that are worked out
 * in float32 and rounded once. Offsets and counts are in elements.
 */
public interface MixedElementwise {
  /** {@code y[yOff+i]}, bfloat16, nearest to float32 {@code x[xOff+i]}, ties to even. */
  void narrow(MemorySegment x, long xOff, MemorySegment y, long yOff, long n);

  /** {@code y[yOff+i]}, float32, equal to bfloat16 {@code x[xOff+i]}. */
  void widen(MemorySegment x, long xOff, MemorySegment y, long yOff, long n);

  /** {@code y[i] += x[i]}, both bfloat16, on {@code [lo, hi)}. */
  void add(MemorySegment x, MemorySegment y, long lo, long hi);

  /** {@code y[i] = f(x[i])}, both bfloat16, on {@code [lo, hi)}; y may be x. */
  void unary(UnaryOp op, MemorySegment x, MemorySegment y, long lo, long hi);

  /**
   * {@code gx[i] = gy[i]·f'}, all bfloat16, on {@code [lo, hi)}; gx may be gy.
   *
   * @param saved the input or the output of the function, as {@code op.needs()} says; not read when
   *     that is nothing
   */
  void unaryVjp(
      UnaryOp op, MemorySegment saved, MemorySegment gy, MemorySegment gx, long lo, long hi);
}
