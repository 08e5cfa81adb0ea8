package birkhoff.engine.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Kernels of hyper-connections (arXiv 2604.02309, equations (1)–(10)) over {@code tokens} tokens.
 * Small per-token numbers are stored token-fastest, {@code [numbers, tokens]}, so that one SIMD
 * lane serves one token; streams are {@code [tokens, d, width]}. Blocks are token ranges {@code
 * [lo, hi)}.
 */
public interface Mixing {
  /** {@code d} streams, block size {@code s}, hence Cayley transforms of size {@code n = d·s}. */
  record CayleyShape(int d, int s) {
    public int n() {
      return d * s;
    }

    /** Free numbers of a skew-symmetric n×n matrix. */
    public int parameters() {
      return n() * (n() - 1) / 2;
    }
  }

  /** Rows of generator output: d read gates, d write gates, {@code mixer} mixer numbers. */
  record GateShape(int d, int mixer) {
    public int rows() {
      return 2 * d + mixer;
    }
  }

  /** Bytes of scratch per worker for the Cayley kernels. */
  long scratchBytes(CayleyShape shape);

  /**
   * Equations (3), (4) and the argument of (8): from {@code raw[2d+P, tokens]} = generator times
   * un-normalized streams and {@code rrms[tokens]}, {@code pre = σ(gate₀·raw·rrms + bias)}, {@code
   * post = 2σ(gate₁·…)}, {@code z = gate₂·… + bias}, stored as rows pre (d), post (d), z (P) of
   * {@code maps[2d+P, tokens]}.
   */
  void gates(
      GateShape shape,
      MemorySegment raw,
      MemorySegment rrms,
      MemorySegment gate,
      MemorySegment bias,
      MemorySegment maps,
      long tokens,
      long lo,
      long hi);

  /**
   * Backward of {@link #gates}: from {@code gmaps} writes {@code graw[2d+P, tokens]}, {@code
   * grrms[tokens]}, and the block's sums of the gate gradients (3 numbers) and bias gradients (2d+P
   * numbers) to {@code partial[partialOff …]}.
   */
  void gatesVjp(
      GateShape shape,
      MemorySegment raw,
      MemorySegment rrms,
      MemorySegment gate,
      MemorySegment maps,
      MemorySegment gmaps,
      MemorySegment graw,
      MemorySegment grrms,
      MemorySegment partial,
      long partialOff,
      long tokens,
      long lo,
      long hi);

  /**
   * Equations (8)–(10): {@code z[P, tokens]} (row-major strict upper triangle of A) to {@code
   * h[d·d, tokens]}, {@code H_ij = ‖block_ij((I-A)(I+A)^{-1})‖²/s}.
   */
  void cayley(
      CayleyShape shape,
      MemorySegment z,
      MemorySegment h,
      MemorySegment scratch,
      long tokens,
      long lo,
      long hi);

  /** {@code gz} from {@code gh}; the inverse is recomputed from {@code z}. */
  void cayleyVjp(
      CayleyShape shape,
      MemorySegment z,
      MemorySegment gh,
      MemorySegment gz,
      MemorySegment scratch,
      long tokens,
      long lo,
      long hi);

  /** {@code u[t] = Σ_j pre[j, t]·x[t, j]}. */
  void streamRead(
      MemorySegment x,
      MemorySegment pre,
      MemorySegment u,
      int d,
      int width,
      long tokens,
      long lo,
      long hi);

  /** {@code gx[t, j] (+)= pre[j, t]·gu[t]} and {@code gpre[j, t] = <gu[t], x[t, j]>}. */
  void streamReadVjp(
      MemorySegment x,
      MemorySegment pre,
      MemorySegment gu,
      MemorySegment gx,
      boolean accumulate,
      MemorySegment gpre,
      int d,
      int width,
      long tokens,
      long lo,
      long hi);

  /** {@code y[t, i] = Σ_j h[i·d+j, t]·x[t, j] + post[i, t]·f[t]}: equation (1). */
  void streamWrite(
      MemorySegment x,
      MemorySegment h,
      MemorySegment post,
      MemorySegment f,
      MemorySegment y,
      int d,
      int width,
      long tokens,
      long lo,
      long hi);

  /**
   * Backward of {@link #streamWrite}: {@code gx (+)= Hᵀ gy}, {@code gf = Σ_i post_i gy_i}, {@code
   * gh_ij = <gy_i, x_j>}, {@code gpost_i = <gy_i, f>}.
   */
  void streamWriteVjp(
      MemorySegment x,
      MemorySegment h,
      MemorySegment post,
      MemorySegment f,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      MemorySegment gf,
      MemorySegment gh,
      MemorySegment gpost,
      int d,
      int width,
      long tokens,
      long lo,
      long hi);
}
