package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.at;
import static birkhoff.engine.kernel.vector.Lanes.number;
import static birkhoff.engine.kernel.vector.Lanes.set;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Products of a block of tokens with a generator of few rows. Nothing is packed: four tokens stay
 * in the first-level cache while the rows stream past them, and the block stays in the second-level
 * cache for what reads it next. Every product is summed in the same order, with how many tokens and
 * rows beside it ever, so a token's bits do not depend on its batch.
 */
final class Generator {
  private static final int TOKENS = 4;
  private static final int ROWS = 3;

  private Generator() {}

  /** {@code raw[r, t] = <generator_r, x_t>}. */
  static void multiply(
      MemorySegment x,
      MemorySegment generator,
      MemorySegment raw,
      int rows,
      int inner,
      long tokens,
      long lo,
      long hi) {
    long t = lo;
    for (; t + TOKENS <= hi; t += TOKENS) {
      int r = 0;
      for (; r + ROWS <= rows; r += ROWS) {
        dots(x, t, generator, r, inner, raw, tokens);
      }
      for (; r < rows; r++) {
        for (int k = 0; k < TOKENS; k++) {
          set(raw, r * tokens + t + k, dot(x, t + k, generator, r, inner));
        }
      }
    }
    for (; t < hi; t++) {
      int r = 0;
      for (; r + ROWS <= rows; r += ROWS) {
        dotsOfOne(x, t, generator, r, inner, raw, tokens);
      }
      for (; r < rows; r++) {
        set(raw, r * tokens + t, dot(x, t, generator, r, inner));
      }
    }
  }

  /** Four tokens with three rows: twelve sums, a register each. */
  private static void dots(
      MemorySegment x, long t, MemorySegment g, int r, int inner, MemorySegment raw, long tokens) {
    long row = (long) inner * Float.BYTES;
    long x0 = t * row;
    long x1 = x0 + row;
    long x2 = x1 + row;
    long x3 = x2 + row;
    long g0 = r * row;
    long g1 = g0 + row;
    long g2 = g1 + row;
    FloatVector s00 = FloatVector.zero(F);
    FloatVector s01 = FloatVector.zero(F);
    FloatVector s02 = FloatVector.zero(F);
    FloatVector s10 = FloatVector.zero(F);
    FloatVector s11 = FloatVector.zero(F);
    FloatVector s12 = FloatVector.zero(F);
    FloatVector s20 = FloatVector.zero(F);
    FloatVector s21 = FloatVector.zero(F);
    FloatVector s22 = FloatVector.zero(F);
    FloatVector s30 = FloatVector.zero(F);
    FloatVector s31 = FloatVector.zero(F);
    FloatVector s32 = FloatVector.zero(F);
    int c = 0;
    for (; c + LENGTH <= inner; c += LENGTH) {
      long o = (long) c * Float.BYTES;
      FloatVector a = at(g, g0 + o);
      FloatVector b = at(g, g1 + o);
      FloatVector d = at(g, g2 + o);
      FloatVector v = at(x, x0 + o);
      s00 = v.fma(a, s00);
      s01 = v.fma(b, s01);
      s02 = v.fma(d, s02);
      v = at(x, x1 + o);
      s10 = v.fma(a, s10);
      s11 = v.fma(b, s11);
      s12 = v.fma(d, s12);
      v = at(x, x2 + o);
      s20 = v.fma(a, s20);
      s21 = v.fma(b, s21);
      s22 = v.fma(d, s22);
      v = at(x, x3 + o);
      s30 = v.fma(a, s30);
      s31 = v.fma(b, s31);
      s32 = v.fma(d, s32);
    }
    long at = r * tokens + t;
    set(raw, at, Lanes.sum(s00) + tail(x, x0, g, g0, c, inner));
    set(raw, at + 1, Lanes.sum(s10) + tail(x, x1, g, g0, c, inner));
    set(raw, at + 2, Lanes.sum(s20) + tail(x, x2, g, g0, c, inner));
    set(raw, at + 3, Lanes.sum(s30) + tail(x, x3, g, g0, c, inner));
    at += tokens;
    set(raw, at, Lanes.sum(s01) + tail(x, x0, g, g1, c, inner));
    set(raw, at + 1, Lanes.sum(s11) + tail(x, x1, g, g1, c, inner));
    set(raw, at + 2, Lanes.sum(s21) + tail(x, x2, g, g1, c, inner));
    set(raw, at + 3, Lanes.sum(s31) + tail(x, x3, g, g1, c, inner));
    at += tokens;
    set(raw, at, Lanes.sum(s02) + tail(x, x0, g, g2, c, inner));
    set(raw, at + 1, Lanes.sum(s12) + tail(x, x1, g, g2, c, inner));
    set(raw, at + 2, Lanes.sum(s22) + tail(x, x2, g, g2, c, inner));
    set(raw, at + 3, Lanes.sum(s32) + tail(x, x3, g, g2, c, inner));
  }

  /** The products from column {@code c} on, fewer than a vector's. */
  private static float tail(
      MemorySegment x, long xOffset, MemorySegment g, long gOffset, int c, int inner) {
    float sum = 0;
    for (int k = c; k < inner; k++) {
      sum += number(x, xOffset / Float.BYTES + k) * number(g, gOffset / Float.BYTES + k);
    }
    return sum;
  }

  /** One token with three rows. */
  private static void dotsOfOne(
      MemorySegment x, long t, MemorySegment g, int r, int inner, MemorySegment raw, long tokens) {
    long row = (long) inner * Float.BYTES;
    long x0 = t * row;
    long g0 = r * row;
    long g1 = g0 + row;
    long g2 = g1 + row;
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector s2 = FloatVector.zero(F);
    int c = 0;
    for (; c + LENGTH <= inner; c += LENGTH) {
      long o = (long) c * Float.BYTES;
      FloatVector v = at(x, x0 + o);
      s0 = v.fma(at(g, g0 + o), s0);
      s1 = v.fma(at(g, g1 + o), s1);
      s2 = v.fma(at(g, g2 + o), s2);
    }
    long at = r * tokens + t;
    set(raw, at, Lanes.sum(s0) + tail(x, x0, g, g0, c, inner));
    set(raw, at + tokens, Lanes.sum(s1) + tail(x, x0, g, g1, c, inner));
    set(raw, at + 2 * tokens, Lanes.sum(s2) + tail(x, x0, g, g2, c, inner));
  }

  private static float dot(MemorySegment x, long t, MemorySegment g, int r, int inner) {
    long xOffset = t * inner * Float.BYTES;
    long gOffset = (long) r * inner * Float.BYTES;
    FloatVector sum = FloatVector.zero(F);
    int c = 0;
    for (; c + LENGTH <= inner; c += LENGTH) {
      long o = (long) c * Float.BYTES;
      sum = at(x, xOffset + o).fma(at(g, gOffset + o), sum);
    }
    return Lanes.sum(sum) + tail(x, xOffset, g, gOffset, c, inner);
  }
}
