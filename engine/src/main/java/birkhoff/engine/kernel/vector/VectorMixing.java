package birkhoff.engine.kernel.vector;

import birkhoff.engine.kernel.Mixing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Hyper-connection kernels for float32. Per-token matrices run with one token per lane; stream
 * passes run over the width with the token's coefficients broadcast.
 */
public final class VectorMixing implements Mixing {
  public VectorMixing() {}

  @Override
  public long scratchBytes(CayleyShape shape) {
    return CayleyLanes.scratchBytes(shape);
  }

  @Override
  public void gates(
      GateShape shape,
      MemorySegment raw,
      MemorySegment rrms,
      MemorySegment gate,
      MemorySegment bias,
      MemorySegment maps,
      long tokens,
      long lo,
      long hi) {
    GateLanes.forward(shape, raw, rrms, gate, bias, maps, tokens, lo, hi);
  }

  @Override
  public void gatesVjp(
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
      long hi) {
    GateLanes.backward(
        shape, raw, rrms, gate, maps, gmaps, graw, grrms, partial, partialOff, tokens, lo, hi);
  }

  @Override
  public void cayley(
      CayleyShape shape,
      MemorySegment z,
      MemorySegment h,
      MemorySegment scratch,
      long tokens,
      long lo,
      long hi) {
    for (long t = lo; t < hi; t += Lanes.LENGTH) {
      int count = (int) Math.min(Lanes.LENGTH, hi - t);
      CayleyLanes.invert(shape.n(), z, tokens, t, count, scratch);
      CayleyLanes.energies(shape, scratch, h, tokens, t, count);
    }
  }

  @Override
  public void cayleyVjp(
      CayleyShape shape,
      MemorySegment z,
      MemorySegment gh,
      MemorySegment gz,
      MemorySegment scratch,
      long tokens,
      long lo,
      long hi) {
    for (long t = lo; t < hi; t += Lanes.LENGTH) {
      int count = (int) Math.min(Lanes.LENGTH, hi - t);
      CayleyLanes.invert(shape.n(), z, tokens, t, count, scratch);
      CayleyLanes.energyGradients(shape, gh, tokens, t, count, scratch);
      CayleyLanes.product(shape.n(), scratch);
      CayleyLanes.skewGradients(shape.n(), scratch, gz, tokens, t, count);
    }
  }

  private static float number(MemorySegment m, long index) {
    return m.getAtIndex(ValueLayout.JAVA_FLOAT, index);
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
      Streams.combine(d, width, x, t * d * row, pre, t, tokens, null, 0, 0, u, t * row, false);
    }
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
        Streams.axpby(
            width, p, gu, t * row, shrink, rrms == null ? null : x, at, gx, at, accumulate);
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
      double squares = 0;
      for (int i = 0; i < d; i++) {
        float p = number(post, i * tokens + t);
        squares +=
            Streams.combine(
                d,
                width,
                x,
                t * d * row,
                h,
                (long) i * d * tokens + t,
                tokens,
                f,
                t * row,
                p,
                y,
                (t * d + i) * row,
                false);
      }
      if (rrms != null) {
        double mean = squares / ((double) d * width);
        rrms.setAtIndex(ValueLayout.JAVA_FLOAT, t, (float) (1 / Math.sqrt(mean + eps)));
      }
    }
  }

  @Override
  public void streamWriteVjp(
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
      long hi) {
    long row = (long) width * Float.BYTES;
    for (long t = lo; t < hi; t++) {
      long streams = t * d * row;
      for (int i = 0; i < d; i++) {
        long gyRow = streams + i * row;
        Streams.dots(d, width, gy, gyRow, x, streams, gh, (long) i * d * tokens + t, tokens);
      }
      Streams.dots(d, width, f, t * row, gy, streams, gpost, t, tokens);
      Streams.combine(d, width, gy, streams, post, t, tokens, null, 0, 0, gf, t * row, false);
      for (int j = 0; j < d; j++) {
        // Column j of H: its entries are d rows of h apart.
        Streams.combine(
            d,
            width,
            gy,
            streams,
            h,
            j * tokens + t,
            d * tokens,
            null,
            0,
            0,
            gx,
            streams + j * row,
            accumulate);
      }
    }
  }
}
