package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.number;
import static birkhoff.engine.kernel.vector.Lanes.set;

import birkhoff.engine.kernel.Mixing;
import java.lang.foreign.MemorySegment;

/**
 * Hyper-connection kernels for float32. Gates run with one token per lane; stream passes run over
 * the width with the token's coefficients broadcast.
 */
public final class VectorMixing implements Mixing {
  public VectorMixing() {}

  @Override
  public void gates(
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
      long hi) {
    int d = shape.d();
    for (int r = 0; r < shape.rows(); r++) {
      int group = Math.min(r / d, 2);
      MemorySegment out = group == 0 ? pre : group == 1 ? post : z;
      float a = number(gate, group);
      float b = number(bias, r);
      long own = (r - group * d) * tokens;
      if (group == 2) {
        GateLanes.affine(raw, r * tokens, rrms, a, b, out, own, lo, hi);
      } else {
        GateLanes.sigmoid(raw, r * tokens, rrms, a, b, group + 1, out, own, lo, hi);
      }
    }
  }

  @Override
  public void gatesVjp(
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
      long hi) {
    GateLanes.zero(grrms, lo, hi);
    for (int k = 0; k < 3; k++) {
      set(partial, partialOff + k, 0);
    }
    int d = shape.d();
    for (int r = 0; r < shape.rows(); r++) {
      int group = Math.min(r / d, 2);
      MemorySegment out = group == 0 ? pre : post;
      MemorySegment gOut = group == 0 ? gpre : group == 1 ? gpost : gz;
      float a = number(gate, group);
      long own = (r - group * d) * tokens;
      // graw holds dL/d(argument) until the last line scales it.
      if (group == 2) {
        GateLanes.copy(gOut, own, graw, r * tokens, lo, hi);
      } else {
        GateLanes.sigmoidVjp(1f / (group + 1), out, gOut, own, graw, r * tokens, lo, hi);
      }
      float bias = GateLanes.sum(graw, r * tokens, lo, hi);
      set(partial, partialOff + 3 + r, bias);
      float slope = GateLanes.rowVjp(raw, rrms, a, graw, grrms, r * tokens, lo, hi);
      float before = number(partial, partialOff + group);
      set(partial, partialOff + group, before + slope);
    }
  }

  @Override
  public void generate(
      MemorySegment x,
      MemorySegment generator,
      MemorySegment raw,
      int rows,
      int inner,
      long tokens,
      long lo,
      long hi) {
    Generator.multiply(x, generator, raw, rows, inner, tokens, lo, hi);
  }

  @Override
  public void packGenerator(
      MemorySegment generator, MemorySegment packed, int rows, int inner, long lo, long hi) {
    GeneratorVjp.pack(generator, packed, rows, inner, lo, hi);
  }

  @Override
  public void generateVjp(
      MemorySegment graw,
      MemorySegment packed,
      MemorySegment gx,
      int rows,
      int inner,
      long tokens,
      long lo,
      long hi) {
    GeneratorVjp.streams(graw, packed, gx, rows, inner, tokens, lo, hi);
  }

  @Override
  public void generatorVjp(
      MemorySegment graw,
      MemorySegment x,
      MemorySegment g,
      boolean accumulate,
      int rows,
      int inner,
      long tokens,
      long lo,
      long hi) {
    GeneratorVjp.generator(graw, x, g, accumulate, rows, inner, tokens, lo, hi);
  }

  @Override
  public void streamRead(
      MemorySegment x,
      MemorySegment pre,
      MemorySegment u,
      int d,
      int width,
      long tokens,
      long lo,
      long hi) {
    long row = (long) width * Float.BYTES;
    for (long t = lo; t < hi; t++) {
      sum(d, width, x, t * d * row, pre, t, tokens, u, t * row);
    }
  }

  /** {@code out = Σ_k coefficients[first + k·step]·x_k} over d rows. */
  private static void sum(
      int d,
      int width,
      MemorySegment x,
      long offset,
      MemorySegment coefficients,
      long first,
      long step,
      MemorySegment out,
      long outOffset) {
    Streams.combine(
        x,
        offset,
        number(coefficients, first),
        d - 1,
        width,
        x,
        offset + (long) width * Float.BYTES,
        coefficients,
        first + step,
        step,
        out,
        outOffset);
  }

  @Override
  public void streamReadGates(
      MemorySegment x,
      MemorySegment gu,
      MemorySegment gpre,
      int d,
      int width,
      long tokens,
      long lo,
      long hi) {
    long row = (long) width * Float.BYTES;
    for (long t = lo; t < hi; t++) {
      Streams.dots(d, width, gu, t * row, x, t * d * row, gpre, t, tokens);
    }
  }

  @Override
  public void streamReadVjp(
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
      long hi) {
    long row = (long) width * Float.BYTES;
    for (long t = lo; t < hi; t++) {
      float shrink = 0;
      if (rrms != null) {
        float r = number(rrms, t);
        shrink = -number(grrms, t) * r * r * r / ((float) d * width);
      }
      for (int j = 0; j < d; j++) {
        float p = number(pre, j * tokens + t);
        long at = (t * d + j) * row;
        if (rrms != null) {
          Streams.axpby(width, p, gu, t * row, shrink, x, gx, at, accumulate);
        } else if (accumulate) {
          Streams.axpy(width, p, gu, t * row, gx, gx, at);
        } else {
          Streams.scale(width, p, gu, t * row, gx, at);
        }
      }
    }
  }

  @Override
  public void streamWrite(
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
      long hi) {
    long row = (long) width * Float.BYTES;
    for (long t = lo; t < hi; t++) {
      long streams = t * d * row;
      for (int i = 0; i < d; i++) {
        float p = number(post, i * tokens + t);
        long entries = (long) i * d * tokens + t;
        Streams.combine(
            f, t * row, p, d, width, x, streams, h, entries, tokens, y, streams + i * row);
      }
      if (rrms != null) {
        long numbers = (long) d * width;
        double mean = Rows.dot(y, t * numbers, y, t * numbers, numbers) / numbers;
        set(rrms, t, (float) (1 / Math.sqrt(mean + eps)));
      }
    }
  }

  @Override
  public void streamWriteVjp(
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
      long hi) {
    long row = (long) width * Float.BYTES;
    for (long t = lo; t < hi; t++) {
      long streams = t * d * row;
      for (int i = 0; i < d; i++) {
        long entries = (long) i * d * tokens + t;
        Streams.dots(d, width, gy, streams + i * row, x, streams, gh, entries, tokens);
      }
      Streams.dots(d, width, f, t * row, gy, streams, gpost, t, tokens);
      sum(d, width, gy, streams, post, t, tokens, gf, t * row);
    }
  }

  @Override
  public void mixTransposed(
      MemorySegment h,
      MemorySegment g,
      MemorySegment scratch,
      int d,
      int width,
      long tokens,
      long lo,
      long hi) {
    long row = (long) width * Float.BYTES;
    for (long t = lo; t < hi; t++) {
      MemorySegment.copy(g, t * d * row, scratch, 0, d * row);
      for (int j = 0; j < d; j++) {
        // Column j of H: its entries are d rows of h apart.
        sum(d, width, scratch, 0, h, j * tokens + t, d * tokens, g, (t * d + j) * row);
      }
    }
  }
}
