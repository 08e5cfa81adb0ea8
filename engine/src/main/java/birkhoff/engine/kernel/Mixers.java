package birkhoff.engine.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Kernels that make a matrix per token, {@code z[P, tokens]} to {@code h[d·d, tokens]} (row-major,
 * output stream first), stored token-fastest so that one SIMD lane serves one token. Matrices are
 * computed in float64 whatever the storage type, and rounded once: so the sums of rows and columns
 * are as exact as the entries. A NaN or infinity among a token's numbers spoils that token's matrix
 * only; which of its entries are NaN and which have a limit, is up to the provider. Blocks are
 * token ranges {@code [lo, hi)}; {@code lo} should be a multiple of 16, or two threads write one
 * cache line.
 */
public interface Mixers {
  /** Bytes of scratch per worker for {@link #mix} and {@link #mixVjp}. */
  long scratchBytes(MixerShape shape);

  /**
   * {@code h} from {@code z}.
   *
   * @param kept null, or room for {@link MixerShape#kept} float32 numbers of all tokens, which is
   *     filled for {@link #mixVjp} in an order of the provider's own; {@code lo} must then be a
   *     multiple of 16
   */
  void mix(
      MixerShape shape,
      MemorySegment z,
      MemorySegment h,
      MemorySegment kept,
      MemorySegment scratch,
      long tokens,
      long lo,
      long hi);

  /**
   * {@code gz} from {@code gh}.
   *
   * @param kept what {@link #mix} left there; with null it is worked out again, with the same bits
   */
  void mixVjp(
      MixerShape shape,
      MemorySegment z,
      MemorySegment gh,
      MemorySegment gz,
      MemorySegment kept,
      MemorySegment scratch,
      long tokens,
      long lo,
      long hi);

  /**
   * Kronecker products {@code h[(ab)², tokens]} of {@code left[a², tokens]} and {@code right[b²,
   * tokens]}: {@code h[(i·b+k), (j·b+l)] = left[i, j]·right[k, l]}.
   */
  void kronecker(
      int a,
      int b,
      MemorySegment left,
      MemorySegment right,
      MemorySegment h,
      long tokens,
      long lo,
      long hi);

  /** Backward of {@link #kronecker}; writes both gradients. */
  void kroneckerVjp(
      int a,
      int b,
      MemorySegment left,
      MemorySegment right,
      MemorySegment gh,
      MemorySegment gleft,
      MemorySegment gright,
      long tokens,
      long lo,
      long hi);

  /**
   * The strict upper triangle of {@code Θ - Θᵀ} for row-major {@code theta[n², tokens]}, row by
   * row: {@code z[n(n-1)/2, tokens]}.
   */
  void skewPart(int n, MemorySegment theta, MemorySegment z, long tokens, long lo, long hi);

  /** Backward of {@link #skewPart}: {@code gz} above, {@code -gz} below, 0 on the diagonal. */
  void skewPartVjp(int n, MemorySegment gz, MemorySegment gtheta, long tokens, long lo, long hi);
}
