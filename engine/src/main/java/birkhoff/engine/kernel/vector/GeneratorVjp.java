package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static birkhoff.engine.kernel.vector.Lanes.at;
import static birkhoff.engine.kernel.vector.Lanes.number;
import static birkhoff.engine.kernel.vector.Lanes.set;

import birkhoff.engine.kernel.Mixing;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Backward of {@link Generator}: to the streams and to the generator itself. */
final class GeneratorVjp {
  private static final int TOKENS = 4;
  private static final int ROWS = 6;
  private static final int COLUMNS = 2 * LENGTH;

  /** Tokens that the gradient's tile adds up before it goes on to other columns; measured. */
  private static final int CHUNK = 64;

  private GeneratorVjp() {}

  /** Panels {@code [lo, hi)} of the generator, each with its rows one behind the other. */
  static void pack(
      MemorySegment generator, MemorySegment packed, int rows, int inner, long lo, long hi) {
    for (long p = lo; p < hi; p++) {
      long from = p * Mixing.PANEL;
      long columns = Math.min(Mixing.PANEL, inner - from);
      for (long r = 0; r < rows; r++) {
        long to = (p * rows + r) * Mixing.PANEL;
        MemorySegment.copy(
            generator,
            (r * inner + from) * Float.BYTES,
            packed,
            to * Float.BYTES,
            columns * Float.BYTES);
      }
    }
  }

  /** {@code gx_t += Σ_r graw[r, t]·generator_r}, the generator packed. */
  static void streams(
      MemorySegment graw,
      MemorySegment packed,
      MemorySegment gx,
      int rows,
      int inner,
      long tokens,
      long lo,
      long hi) {
    // Columns outside: a panel stays in the first-level cache for all tokens.
    int c = 0;
    for (; c + COLUMNS <= inner; c += COLUMNS) {
      long panel = panel(c, rows);
      long t = lo;
      for (; t + TOKENS <= hi; t += TOKENS) {
        add(graw, t, packed, panel, c, rows, inner, tokens, gx);
      }
      for (; t < hi; t++) {
        addOne(graw, t, packed, panel, c, rows, inner, tokens, gx);
        addOne(graw, t, packed, panel + BYTES, c + LENGTH, rows, inner, tokens, gx);
      }
    }
    for (; c + LENGTH <= inner; c += LENGTH) {
      for (long t = lo; t < hi; t++) {
        addOne(graw, t, packed, panel(c, rows), c, rows, inner, tokens, gx);
      }
    }
    for (; c < inner; c++) {
      long panel = panel(c, rows) / Float.BYTES;
      for (long t = lo; t < hi; t++) {
        float sum = number(gx, t * inner + c);
        for (int r = 0; r < rows; r++) {
          sum += number(graw, r * tokens + t) * number(packed, panel + (long) r * Mixing.PANEL);
        }
        set(gx, t * inner + c, sum);
      }
    }
  }

  /** Where column {@code c} of the first row lies, in bytes. */
  private static long panel(int c, int rows) {
    long p = c / Mixing.PANEL;
    return (p * rows * Mixing.PANEL + c % Mixing.PANEL) * Float.BYTES;
  }

  /** Four tokens, two vectors of columns. */
  private static void add(
      MemorySegment graw,
      long t,
      MemorySegment packed,
      long panel,
      int c,
      int rows,
      int inner,
      long tokens,
      MemorySegment gx) {
    long row = (long) inner * Float.BYTES;
    long x0 = t * row + (long) c * Float.BYTES;
    long x1 = x0 + row;
    long x2 = x1 + row;
    long x3 = x2 + row;
    FloatVector s00 = at(gx, x0);
    FloatVector s01 = at(gx, x0 + BYTES);
    FloatVector s10 = at(gx, x1);
    FloatVector s11 = at(gx, x1 + BYTES);
    FloatVector s20 = at(gx, x2);
    FloatVector s21 = at(gx, x2 + BYTES);
    FloatVector s30 = at(gx, x3);
    FloatVector s31 = at(gx, x3 + BYTES);
    for (int r = 0; r < rows; r++) {
      long o = panel + (long) r * Mixing.PANEL * Float.BYTES;
      long k = r * tokens + t;
      FloatVector a = at(packed, o);
      FloatVector b = at(packed, o + BYTES);
      FloatVector v = FloatVector.broadcast(F, number(graw, k));
      s00 = v.fma(a, s00);
      s01 = v.fma(b, s01);
      v = FloatVector.broadcast(F, number(graw, k + 1));
      s10 = v.fma(a, s10);
      s11 = v.fma(b, s11);
      v = FloatVector.broadcast(F, number(graw, k + 2));
      s20 = v.fma(a, s20);
      s21 = v.fma(b, s21);
      v = FloatVector.broadcast(F, number(graw, k + 3));
      s30 = v.fma(a, s30);
      s31 = v.fma(b, s31);
    }
    s00.intoMemorySegment(gx, x0, ORDER);
    s01.intoMemorySegment(gx, x0 + BYTES, ORDER);
    s10.intoMemorySegment(gx, x1, ORDER);
    s11.intoMemorySegment(gx, x1 + BYTES, ORDER);
    s20.intoMemorySegment(gx, x2, ORDER);
    s21.intoMemorySegment(gx, x2 + BYTES, ORDER);
    s30.intoMemorySegment(gx, x3, ORDER);
    s31.intoMemorySegment(gx, x3 + BYTES, ORDER);
  }

  /** One token, one vector of columns. */
  private static void addOne(
      MemorySegment graw,
      long t,
      MemorySegment packed,
      long panel,
      int c,
      int rows,
      int inner,
      long tokens,
      MemorySegment gx) {
    long x = (t * inner + c) * Float.BYTES;
    FloatVector sum = at(gx, x);
    for (int r = 0; r < rows; r++) {
      FloatVector v = FloatVector.broadcast(F, number(graw, r * tokens + t));
      sum = v.fma(at(packed, panel + (long) r * Mixing.PANEL * Float.BYTES), sum);
    }
    sum.intoMemorySegment(gx, x, ORDER);
  }

  /** {@code g[r, c] (+)= Σ_t graw[r, t]·x[t, c]} for columns {@code [lo, hi)}. */
  static void generator(
      MemorySegment graw,
      MemorySegment x,
      MemorySegment g,
      boolean accumulate,
      int rows,
      int inner,
      long tokens,
      long lo,
      long hi) {
    if (!accumulate) {
      for (long r = 0; r < rows; r++) {
        g.asSlice((r * inner + lo) * Float.BYTES, (hi - lo) * Float.BYTES).fill((byte) 0);
      }
    }
    for (long t = 0; t < tokens; t += CHUNK) {
      chunk(graw, x, g, rows, inner, tokens, t, Math.min(tokens, t + CHUNK), lo, hi);
    }
  }

  private static void chunk(
      MemorySegment graw,
      MemorySegment x,
      MemorySegment g,
      int rows,
      int inner,
      long tokens,
      long from,
      long to,
      long lo,
      long hi) {
    long c = lo;
    for (; c + COLUMNS <= hi; c += COLUMNS) {
      int r = 0;
      for (; r + ROWS <= rows; r += ROWS) {
        sum(graw, x, g, r, c, inner, tokens, from, to);
      }
      for (; r < rows; r++) {
        sumOne(graw, x, g, r, c, inner, tokens, from, to);
        sumOne(graw, x, g, r, c + LENGTH, inner, tokens, from, to);
      }
    }
    for (; c + LENGTH <= hi; c += LENGTH) {
      for (int r = 0; r < rows; r++) {
        sumOne(graw, x, g, r, c, inner, tokens, from, to);
      }
    }
    for (; c < hi; c++) {
      for (long r = 0; r < rows; r++) {
        float sum = number(g, r * inner + c);
        for (long t = from; t < to; t++) {
          sum += number(graw, r * tokens + t) * number(x, t * inner + c);
        }
        set(g, r * inner + c, sum);
      }
    }
  }

  /** Six rows, two vectors of columns. */
  private static void sum(
      MemorySegment graw,
      MemorySegment x,
      MemorySegment g,
      int r,
      long c,
      int inner,
      long tokens,
      long from,
      long to) {
    long row = (long) inner * Float.BYTES;
    long g0 = r * row + c * Float.BYTES;
    long g1 = g0 + row;
    long g2 = g1 + row;
    long g3 = g2 + row;
    long g4 = g3 + row;
    long g5 = g4 + row;
    FloatVector s00 = at(g, g0);
    FloatVector s01 = at(g, g0 + BYTES);
    FloatVector s10 = at(g, g1);
    FloatVector s11 = at(g, g1 + BYTES);
    FloatVector s20 = at(g, g2);
    FloatVector s21 = at(g, g2 + BYTES);
    FloatVector s30 = at(g, g3);
    FloatVector s31 = at(g, g3 + BYTES);
    FloatVector s40 = at(g, g4);
    FloatVector s41 = at(g, g4 + BYTES);
    FloatVector s50 = at(g, g5);
    FloatVector s51 = at(g, g5 + BYTES);
    for (long t = from; t < to; t++) {
      long o = t * row + c * Float.BYTES;
      long k = r * tokens + t;
      FloatVector a = at(x, o);
      FloatVector b = at(x, o + BYTES);
      FloatVector v = FloatVector.broadcast(F, number(graw, k));
      s00 = v.fma(a, s00);
      s01 = v.fma(b, s01);
      v = FloatVector.broadcast(F, number(graw, k + tokens));
      s10 = v.fma(a, s10);
      s11 = v.fma(b, s11);
      v = FloatVector.broadcast(F, number(graw, k + 2 * tokens));
      s20 = v.fma(a, s20);
      s21 = v.fma(b, s21);
      v = FloatVector.broadcast(F, number(graw, k + 3 * tokens));
      s30 = v.fma(a, s30);
      s31 = v.fma(b, s31);
      v = FloatVector.broadcast(F, number(graw, k + 4 * tokens));
      s40 = v.fma(a, s40);
      s41 = v.fma(b, s41);
      v = FloatVector.broadcast(F, number(graw, k + 5 * tokens));
      s50 = v.fma(a, s50);
      s51 = v.fma(b, s51);
    }
    s00.intoMemorySegment(g, g0, ORDER);
    s01.intoMemorySegment(g, g0 + BYTES, ORDER);
    s10.intoMemorySegment(g, g1, ORDER);
    s11.intoMemorySegment(g, g1 + BYTES, ORDER);
    s20.intoMemorySegment(g, g2, ORDER);
    s21.intoMemorySegment(g, g2 + BYTES, ORDER);
    s30.intoMemorySegment(g, g3, ORDER);
    s31.intoMemorySegment(g, g3 + BYTES, ORDER);
    s40.intoMemorySegment(g, g4, ORDER);
    s41.intoMemorySegment(g, g4 + BYTES, ORDER);
    s50.intoMemorySegment(g, g5, ORDER);
    s51.intoMemorySegment(g, g5 + BYTES, ORDER);
  }

  /** One row, one vector of columns. */
  private static void sumOne(
      MemorySegment graw,
      MemorySegment x,
      MemorySegment g,
      int r,
      long c,
      int inner,
      long tokens,
      long from,
      long to) {
    long o = ((long) r * inner + c) * Float.BYTES;
    FloatVector sum = at(g, o);
    for (long t = from; t < to; t++) {
      FloatVector v = FloatVector.broadcast(F, number(graw, r * tokens + t));
      sum = v.fma(at(x, (t * inner + c) * Float.BYTES), sum);
    }
    sum.intoMemorySegment(g, o, ORDER);
  }
}
