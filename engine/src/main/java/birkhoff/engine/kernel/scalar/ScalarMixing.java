package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.Mixing;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Reference hyper-connection kernels: one token after the other, arithmetic in double. */
public final class ScalarMixing implements Mixing {
  private final Elements e;

  /** Kernels for {@code dtype} FLOAT32 or FLOAT64. */
  public ScalarMixing(DType dtype) {
    this.e = new Elements(dtype);
  }

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
      double a = e.get(gate, group);
      double b = e.get(bias, r);
      for (long t = lo; t < hi; t++) {
        double v = a * e.get(raw, r * tokens + t) * e.get(rrms, t) + b;
        double map = group == 2 ? v : (group + 1) / (1 + Math.exp(-v));
        e.set(out, (r - group * d) * tokens + t, map);
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
    int d = shape.d();
    double[] gGate = new double[3];
    for (int r = 0; r < shape.rows(); r++) {
      int group = Math.min(r / d, 2);
      MemorySegment out = group == 0 ? pre : post;
      MemorySegment gOut = group == 0 ? gpre : group == 1 ? gpost : gz;
      double a = e.get(gate, group);
      double gBias = 0;
      for (long t = lo; t < hi; t++) {
        long own = (r - group * d) * tokens + t;
        double m = group == 2 ? 0 : e.get(out, own);
        // scale·σ has the derivative m·(1 - m/scale).
        double slope = group == 2 ? 1 : m * (1 - m / (group + 1));
        double gv = e.get(gOut, own) * slope;
        double x = e.get(raw, r * tokens + t);
        double scale = e.get(rrms, t);
        gBias += gv;
        gGate[group] += gv * x * scale;
        e.set(graw, r * tokens + t, gv * a * scale);
        e.put(grrms, t, gv * a * x, r > 0);
      }
      e.set(partial, partialOff + 3 + r, gBias);
    }
    for (int k = 0; k < 3; k++) {
      e.set(partial, partialOff + k, gGate[k]);
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
    for (long t = lo; t < hi; t++) {
      for (long r = 0; r < rows; r++) {
        e.set(raw, r * tokens + t, dot(generator, r * inner, x, t * inner, inner));
      }
    }
  }

  @Override
  public void packGenerator(
      MemorySegment generator, MemorySegment packed, int rows, int inner, long lo, long hi) {
    for (long c = lo * PANEL; c < Math.min(inner, hi * PANEL); c++) {
      for (long r = 0; r < rows; r++) {
        e.set(packed, packedIndex(r, c, rows), e.get(generator, r * inner + c));
      }
    }
  }

  private static long packedIndex(long r, long c, int rows) {
    return (c / PANEL * rows + r) * PANEL + c % PANEL;
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
    for (long t = lo; t < hi; t++) {
      for (int c = 0; c < inner; c++) {
        double sum = 0;
        for (long r = 0; r < rows; r++) {
          sum += e.get(graw, r * tokens + t) * e.get(packed, packedIndex(r, c, rows));
        }
        e.put(gx, t * inner + c, sum, true);
      }
    }
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
    for (long r = 0; r < rows; r++) {
      for (long c = lo; c < hi; c++) {
        double sum = 0;
        for (long t = 0; t < tokens; t++) {
          sum += e.get(graw, r * tokens + t) * e.get(x, t * inner + c);
        }
        e.put(g, r * inner + c, sum, accumulate);
      }
    }
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
    for (long t = lo; t < hi; t++) {
      for (int c = 0; c < width; c++) {
        double sum = 0;
        for (int j = 0; j < d; j++) {
          sum += e.get(pre, j * tokens + t) * e.get(x, (t * d + j) * width + c);
        }
        e.set(u, t * width + c, sum);
      }
    }
  }

  private double dot(MemorySegment a, long aOff, MemorySegment b, long bOff, int width) {
    double sum = 0;
    for (int c = 0; c < width; c++) {
      sum += e.get(a, aOff + c) * e.get(b, bOff + c);
    }
    return sum;
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
    for (long t = lo; t < hi; t++) {
      for (int j = 0; j < d; j++) {
        e.set(gpre, j * tokens + t, dot(gu, t * width, x, (t * d + j) * width, width));
      }
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
    for (long t = lo; t < hi; t++) {
      double shrink =
          rrms == null ? 0 : e.get(grrms, t) * Math.pow(e.get(rrms, t), 3) / ((double) d * width);
      for (int j = 0; j < d; j++) {
        double p = e.get(pre, j * tokens + t);
        for (int c = 0; c < width; c++) {
          long at = (t * d + j) * width + c;
          double norm = rrms == null ? 0 : shrink * e.get(x, at);
          e.put(gx, at, p * e.get(gu, t * width + c) - norm, accumulate);
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
    for (long t = lo; t < hi; t++) {
      double squares = 0;
      for (int i = 0; i < d; i++) {
        for (int c = 0; c < width; c++) {
          double sum = e.get(post, i * tokens + t) * e.get(f, t * width + c);
          for (int j = 0; j < d; j++) {
            sum += e.get(h, (i * d + j) * tokens + t) * e.get(x, (t * d + j) * width + c);
          }
          e.set(y, (t * d + i) * width + c, sum);
          squares += sum * sum;
        }
      }
      if (rrms != null) {
        e.set(rrms, t, 1 / Math.sqrt(squares / ((double) d * width) + eps));
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
    for (long t = lo; t < hi; t++) {
      for (int i = 0; i < d; i++) {
        long row = (t * d + i) * width;
        for (int j = 0; j < d; j++) {
          e.set(gh, (i * d + j) * tokens + t, dot(gy, row, x, (t * d + j) * width, width));
        }
        e.set(gpost, i * tokens + t, dot(gy, row, f, t * width, width));
      }
      for (int c = 0; c < width; c++) {
        double branch = 0;
        for (int j = 0; j < d; j++) {
          branch += e.get(post, j * tokens + t) * e.get(gy, (t * d + j) * width + c);
        }
        e.set(gf, t * width + c, branch);
      }
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
    for (long t = lo; t < hi; t++) {
      for (int c = 0; c < width; c++) {
        double[] column = new double[d];
        for (int j = 0; j < d; j++) {
          for (int i = 0; i < d; i++) {
            column[j] += e.get(h, (i * d + j) * tokens + t) * e.get(g, (t * d + i) * width + c);
          }
        }
        for (int j = 0; j < d; j++) {
          e.set(g, (t * d + j) * width + c, column[j]);
        }
      }
    }
  }
}
