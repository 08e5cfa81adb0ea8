package birkhoff.engine.kernel;

import birkhoff.engine.parallel.Partition;
import java.lang.foreign.MemorySegment;

/**
 * What is done with matrices that are stored in bfloat16: conversions, and products whose other
 * operands and sums stay in the floating type of the kernel. Weights are widened as they are read,
 * so a product with few rows moves half the bytes of a float32 one.
 */
public interface Bfloat16 {
  /** {@code to[i]} is the bfloat16 nearest to {@code from[i]}, ties to even. */
  void narrow(MemorySegment from, MemorySegment to, long lo, long hi);

  /** {@code to[toOff + i] = from[fromOff + i]} for {@code n} elements, exactly. */
  void widen(MemorySegment from, long fromOff, MemorySegment to, long toOff, long n);

  /**
   * Sizes of {@code y[m,n] = x[m,k]·w[n,k]ᵀ}, all row-major without gaps.
   *
   * @param m rows of x
   * @param n rows of the weights
   * @param k columns of both
   */
  record ProductShape(int m, int n, int k) {
    /** Blocks of weight rows, see {@link WeightRows}. */
    public Partition blocks() {
      return WeightRows.partition(n, 2L * k);
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
