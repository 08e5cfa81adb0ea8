package birkhoff.engine.kernel;

import birkhoff.engine.error.ShapeException;
import java.lang.foreign.MemorySegment;

/**
 * Kernels of hyper-connections (arXiv 2604.02309, equations (1)–(4)) over {@code tokens} tokens;
 * {@link Mixers} has those that make the matrices. Small per-token numbers are stored
 * token-fastest, {@code [numbers, tokens]}, so that one SIMD lane serves one token; streams are
 * {@code [tokens, d, width]}. Blocks are token ranges {@code [lo, hi)}; {@code lo} should be a
 * multiple of 16, or two threads write one cache line.
 */
public interface Mixing {
  /** Columns of a panel of a packed generator: whole vectors of every width. */
  int PANEL = 32;

  /** Rows of generator output: d read gates, d write gates, {@code mixer} mixer numbers. */
  record GateShape(int d, int mixer) {
    public GateShape {
      if (d < 1 || mixer < 0) {
        throw new ShapeException("gates: d=" + d + " streams, " + mixer + " mixer numbers");
      }
    }

    public int rows() {
      return 2 * d + mixer;
    }
  }

  /**
   * Equations (3), (4) and the argument of (8): from {@code raw[2d+P, tokens]} = generator times
   * un-normalized streams and {@code rrms[tokens]}, {@code pre[d, tokens] = σ(gate₀·raw·rrms +
   * bias)}, {@code post[d, tokens] = 2σ(gate₁·…)}, {@code z[P, tokens] = gate₂·… + bias}. The bias
   * is not divided by the norm (arXiv 2512.24880).
   */
  void gates(
      GateShape shape,
      MemorySegment raw,
      MemorySegment rrms,
      MemorySegment gate,
      MemorySegment bias,
      MemorySegment pre,
      MemorySegment post,
      MemorySegment z,
      long tokens,
      long lo,
      long hi);

  /**
   * Backward of {@link #gates}: writes {@code graw[2d+P, tokens]}, {@code grrms[tokens]}, and the
   * block's sums of the gate gradients (3 numbers) and bias gradients (2d+P numbers) to {@code
   * partial[partialOff …]}.
   */
  void gatesVjp(
      GateShape shape,
      MemorySegment raw,
      MemorySegment rrms,
      MemorySegment gate,
      MemorySegment pre,
      MemorySegment post,
      MemorySegment gpre,
      MemorySegment gpost,
      MemorySegment gz,
      MemorySegment graw,
      MemorySegment grrms,
      MemorySegment partial,
      long partialOff,
      long tokens,
      long lo,
      long hi);

  /**
   * The generator's product, {@code raw[r, t] = <generator_r, x_t>} for {@code rows} rows of {@code
   * inner = d·width} numbers.
   */
  void generate(
      MemorySegment x,
      MemorySegment generator,
      MemorySegment raw,
      int rows,
      int inner,
      long tokens,
      long lo,
      long hi);

  /**
   * Panels {@code [lo, hi)} of {@value #PANEL} columns of the generator, each with its rows one
   * behind the other: {@code packed[panel][row][column]}, {@link #packed} numbers in all, so that a
   * panel's rows do not compete for the same places of the first-level cache.
   */
  void packGenerator(
      MemorySegment generator, MemorySegment packed, int rows, int inner, long lo, long hi);

  /** Panels of {@code inner} columns. */
  static long panels(int inner) {
    return (inner + PANEL - 1L) / PANEL;
  }

  /** Numbers of a packed generator. */
  static long packed(int rows, int inner) {
    return panels(inner) * PANEL * rows;
  }

  /**
   * The streams' part of the backward of {@link #generate}: {@code gx_t += Σ_r graw[r,
   * t]·generator_r}, from the packed generator.
   */
  void generateVjp(
      MemorySegment graw,
      MemorySegment packed,
      MemorySegment gx,
      int rows,
      int inner,
      long tokens,
      long lo,
      long hi);

  /**
   * The generator's part, for its columns {@code [lo, hi)}: {@code g[r, c] (+)= Σ_t graw[r, t]·x[t,
   * c]}.
   */
  void generatorVjp(
      MemorySegment graw,
      MemorySegment x,
      MemorySegment g,
      boolean accumulate,
      int rows,
      int inner,
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

  /**
   * The coefficients' part of the backward of {@link #streamRead}: {@code gpre[j, t] = <gu, x>}.
   */
  void streamReadGates(
      MemorySegment x,
      MemorySegment gu,
      MemorySegment gpre,
      int d,
      int width,
      long tokens,
      long lo,
      long hi);

  /**
   * The streams' part of the backward of {@link #streamRead}, {@code gx[t, j] (+)= pre[j,
   * t]·gu[t]}, and of the root mean square over {@code d·width} numbers when {@code rrms} is not
   * null: {@code gx[t] -= grrms[t]·rrms[t]³/(d·width)·x[t]}; otherwise {@code x}, {@code rrms} and
   * {@code grrms} are not read.
   */
  void streamReadVjp(
      MemorySegment x,
      MemorySegment pre,
      MemorySegment gu,
      MemorySegment rrms,
      MemorySegment grrms,
      MemorySegment gx,
      boolean accumulate,
      int d,
      int width,
      long tokens,
      long lo,
      long hi);

  /**
   * {@code y[t, i] = Σ_j h[i·d+j, t]·x[t, j] + post[i, t]·f[t]}: equation (1). Unless {@code rrms}
   * is null also {@code rrms[t] = 1/√(mean(y[t]²) + eps)} over all {@code d·width} numbers, which
   * the next sublayer's generator needs.
   */
  void streamWrite(
      MemorySegment x,
      MemorySegment h,
      MemorySegment post,
      MemorySegment f,
      MemorySegment y,
      MemorySegment rrms,
      double eps,
      int d,
      int width,
      long tokens,
      long lo,
      long hi);

  /**
   * Backward of {@link #streamWrite} from {@code gy} to all but x: {@code gf = Σ_i post_i gy_i},
   * {@code gh_ij = <gy_i, x_j>}, {@code gpost_i = <gy_i, f>}.
   */
  void streamWriteVjp(
      MemorySegment x,
      MemorySegment post,
      MemorySegment f,
      MemorySegment gy,
      MemorySegment gf,
      MemorySegment gh,
      MemorySegment gpost,
      int d,
      int width,
      long tokens,
      long lo,
      long hi);

  /**
   * To x, in place: {@code g[t, j] = Σ_i h[i·d+j, t]·g[t, i]}. Needs {@code d·width} numbers of
   * {@code scratch}.
   */
  void mixTransposed(
      MemorySegment h,
      MemorySegment g,
      MemorySegment scratch,
      int d,
      int width,
      long tokens,
      long lo,
      long hi);
}
