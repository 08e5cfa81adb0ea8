package birkhoff.engine.kernel;

import java.lang.foreign.MemorySegment;

/**
 * What is done with numbers that are stored in bfloat16: conversions, functions that are rounded
 * once, and products of weights in bfloat16 whose other operands and sums stay in the floating type
 * of the kernel. Weights are widened as they are read, so a product with few rows moves half the
 * bytes of a float32 one. Products of two bfloat16 matrices are {@link MixedGemm}. Offsets and
 * counts are in elements.
 */
public interface Bfloat16 {
  /**
   * {@code to[toOff + i]} is the bfloat16 nearest to {@code from[fromOff + i]}, ties to even, for
   * {@code n} elements.
   */
  void narrow(MemorySegment from, long fromOff, MemorySegment to, long toOff, long n);

  /** {@code to[toOff + i] = from[fromOff + i]} for {@code n} elements, exactly. */
  void widen(MemorySegment from, long fromOff, MemorySegment to, long toOff, long n);

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

  /**
   * Sizes of {@code y[m,n] = x[m,k]·w[n,k]ᵀ}, all row-major without gaps.
   *
   * @param m rows of x
   * @param n rows of the weights
   * @param k columns of both
   */
  record ProductShape(int m, int n, int k) {
    /** Pieces of the weights' rows. */
    public WeightRows pieces(int threads) {
      return WeightRows.of(n, 2L * k, threads);
    }
  }

  /** Bytes of scratch that {@link #product} needs for one call. */
  long scratchBytes(ProductShape shape);

  /**
   * {@code y[i, j] = Σ_p x[i, p]·w[j, p] + bias[j]} for all rows i of x and the weights' rows
   * {@code [lo, hi)}; the bias may be null. {@code scratch} is 64-byte aligned.
   */
  void product(
      ProductShape shape,
      MemorySegment x,
      MemorySegment w,
      MemorySegment bias,
      MemorySegment y,
      MemorySegment scratch,
      long lo,
      long hi);
}
