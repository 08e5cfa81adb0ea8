package birkhoff.tests.kernels;

import birkhoff.engine.kernel.Mixing;
import birkhoff.engine.kernel.Mixing.GateShape;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.RandomArrays;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Runs hyper-connection kernels on plain arrays between guards, in blocks of {@code grain} tokens.
 * Outputs are NaN before, unless the kernel is to add to them.
 */
record MixingRun(Mixing kernel, DType dtype, int grain) {
  @FunctionalInterface
  private interface Block {
    void run(int index, long lo, long hi);
  }

  private void blocks(int tokens, Block block) {
    for (int b = 0; b * grain < tokens; b++) {
      block.run(b, (long) b * grain, Math.min(tokens, (b + 1L) * grain));
    }
  }

  private MemorySegment in(GuardedMemory memory, double[] values) {
    if (values == null) {
      return null;
    }
    return dtype == DType.FLOAT32 ? memory.of(RandomArrays.narrow(values)) : memory.of(values);
  }

  private MemorySegment out(GuardedMemory memory, int n) {
    return dtype == DType.FLOAT32 ? memory.unwrittenFloats(n) : memory.unwrittenDoubles(n);
  }

  private double[] back(MemorySegment m) {
    return dtype == DType.FLOAT32
        ? RandomArrays.widen(GuardedMemory.floats(m))
        : GuardedMemory.doubles(m);
  }

  private static double[] rows(double[] maps, int tokens, int from, int to) {
    return Arrays.copyOfRange(maps, from * tokens, to * tokens);
  }

  private static double[] join(double[]... parts) {
    return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
  }

  /** pre, post and z, one below the other. */
  double[] gates(GateShape shape, double[] raw, double[] rrms, double[] gate, double[] bias) {
    int tokens = rrms.length;
    try (var memory = new GuardedMemory()) {
      MemorySegment r = in(memory, raw);
      MemorySegment s = in(memory, rrms);
      MemorySegment g = in(memory, gate);
      MemorySegment b = in(memory, bias);
      MemorySegment pre = out(memory, shape.d() * tokens);
      MemorySegment post = out(memory, shape.d() * tokens);
      MemorySegment z = out(memory, shape.mixer() * tokens);
      blocks(tokens, (i, lo, hi) -> kernel.gates(shape, r, s, g, b, pre, post, z, tokens, lo, hi));
      return join(back(pre), back(post), back(z));
    }
  }

  /** Gradients of raw, rrms, gate and bias. */
  Map<String, double[]> gatesVjp(
      GateShape shape, double[] raw, double[] rrms, double[] gate, double[] maps, double[] gmaps) {
    int tokens = rrms.length;
    int d = shape.d();
    int slot = 3 + shape.rows();
    try (var memory = new GuardedMemory()) {
      MemorySegment r = in(memory, raw);
      MemorySegment s = in(memory, rrms);
      MemorySegment g = in(memory, gate);
      MemorySegment pre = in(memory, rows(maps, tokens, 0, d));
      MemorySegment post = in(memory, rows(maps, tokens, d, 2 * d));
      MemorySegment gpre = in(memory, rows(gmaps, tokens, 0, d));
      MemorySegment gpost = in(memory, rows(gmaps, tokens, d, 2 * d));
      MemorySegment gz = in(memory, rows(gmaps, tokens, 2 * d, shape.rows()));
      MemorySegment graw = out(memory, raw.length);
      MemorySegment grrms = out(memory, tokens);
      int count = (tokens + grain - 1) / grain;
      MemorySegment partial = out(memory, count * slot);
      blocks(
          tokens,
          (i, lo, hi) ->
              kernel.gatesVjp(
                  shape,
                  r,
                  s,
                  g,
                  pre,
                  post,
                  gpre,
                  gpost,
                  gz,
                  graw,
                  grrms,
                  partial,
                  (long) i * slot,
                  tokens,
                  lo,
                  hi));
      double[] parts = back(partial);
      double[] ggate = new double[3];
      double[] gbias = new double[shape.rows()];
      for (int i = 0; i < count; i++) {
        for (int k = 0; k < slot; k++) {
          double[] target = k < 3 ? ggate : gbias;
          target[k < 3 ? k : k - 3] += parts[i * slot + k];
        }
      }
      Map<String, double[]> out = new LinkedHashMap<>();
      out.put("raw", back(graw));
      out.put("rrms", back(grrms));
      out.put("gate", ggate);
      out.put("bias", gbias);
      return out;
    }
  }

  /** Sizes of the stream kernels. */
  record StreamSize(int tokens, int d, int width) {
    int streams() {
      return tokens * d * width;
    }

    int branch() {
      return tokens * width;
    }
  }

  /** The generator's product {@code [rows, tokens]}. */
  double[] generate(double[] x, double[] generator, int rows, int inner) {
    int tokens = x.length / inner;
    try (var memory = new GuardedMemory()) {
      MemorySegment xs = in(memory, x);
      MemorySegment g = in(memory, generator);
      MemorySegment raw = out(memory, rows * tokens);
      blocks(tokens, (i, lo, hi) -> kernel.generate(xs, g, raw, rows, inner, tokens, lo, hi));
      return back(raw);
    }
  }

  /** {@code before} and what comes back through the generator. */
  double[] generateVjp(double[] graw, double[] generator, int rows, int inner, double[] before) {
    int tokens = before.length / inner;
    try (var memory = new GuardedMemory()) {
      MemorySegment gr = in(memory, graw);
      MemorySegment g = in(memory, generator);
      MemorySegment gx = in(memory, before);
      MemorySegment packed = out(memory, Math.toIntExact(Mixing.packed(rows, inner)));
      for (long p = 0; p < Mixing.panels(inner); p++) {
        kernel.packGenerator(g, packed, rows, inner, p, p + 1);
      }
      blocks(
          tokens, (i, lo, hi) -> kernel.generateVjp(gr, packed, gx, rows, inner, tokens, lo, hi));
      return back(gx);
    }
  }

  /**
   * The generator's gradient, in blocks of {@code grain} columns.
   *
   * @param before what is in it already, or null
   */
  double[] generatorVjp(double[] graw, double[] x, int rows, int inner, double[] before) {
    int tokens = x.length / inner;
    try (var memory = new GuardedMemory()) {
      MemorySegment gr = in(memory, graw);
      MemorySegment xs = in(memory, x);
      MemorySegment g = before == null ? out(memory, rows * inner) : in(memory, before);
      blocks(
          inner,
          (i, lo, hi) ->
              kernel.generatorVjp(gr, xs, g, before != null, rows, inner, tokens, lo, hi));
      return back(g);
    }
  }

  double[] read(StreamSize n, double[] x, double[] pre) {
    try (var memory = new GuardedMemory()) {
      MemorySegment xs = in(memory, x);
      MemorySegment p = in(memory, pre);
      MemorySegment u = out(memory, n.branch());
      blocks(n.tokens, (i, lo, hi) -> kernel.streamRead(xs, p, u, n.d, n.width, n.tokens, lo, hi));
      return back(u);
    }
  }

  /**
   * Gradients of pre and x.
   *
   * @param before what is in gx already, or null
   */
  Map<String, double[]> readVjp(
      StreamSize n,
      double[] x,
      double[] pre,
      double[] gu,
      double[] rrms,
      double[] grrms,
      double[] before) {
    try (var memory = new GuardedMemory()) {
      MemorySegment xs = in(memory, x);
      MemorySegment p = in(memory, pre);
      MemorySegment g = in(memory, gu);
      MemorySegment r = in(memory, rrms);
      MemorySegment gr = in(memory, grrms);
      MemorySegment gpre = out(memory, pre.length);
      MemorySegment gx = before == null ? out(memory, n.streams()) : in(memory, before);
      blocks(
          n.tokens,
          (i, lo, hi) -> {
            kernel.streamReadGates(xs, g, gpre, n.d, n.width, n.tokens, lo, hi);
            kernel.streamReadVjp(
                r == null ? null : xs,
                p,
                g,
                r,
                gr,
                gx,
                before != null,
                n.d,
                n.width,
                n.tokens,
                lo,
                hi);
          });
      Map<String, double[]> out = new LinkedHashMap<>();
      out.put("pre", back(gpre));
      out.put("x", back(gx));
      return out;
    }
  }

  /** y, and rrms of y for {@code eps} unless that is negative. */
  Map<String, double[]> write(
      StreamSize n, double[] x, double[] h, double[] post, double[] f, double eps) {
    try (var memory = new GuardedMemory()) {
      MemorySegment xs = in(memory, x);
      MemorySegment hs = in(memory, h);
      MemorySegment ps = in(memory, post);
      MemorySegment fs = in(memory, f);
      MemorySegment y = out(memory, n.streams());
      MemorySegment r = eps < 0 ? null : out(memory, n.tokens);
      blocks(
          n.tokens,
          (i, lo, hi) ->
              kernel.streamWrite(xs, hs, ps, fs, y, r, eps, n.d, n.width, n.tokens, lo, hi));
      Map<String, double[]> out = new LinkedHashMap<>();
      out.put("y", back(y));
      if (r != null) {
        out.put("rrms", back(r));
      }
      return out;
    }
  }

  /** Gradients of x, h, post and f. */
  Map<String, double[]> writeVjp(
      StreamSize n, double[] x, double[] h, double[] post, double[] f, double[] gy) {
    try (var memory = new GuardedMemory()) {
      MemorySegment xs = in(memory, x);
      MemorySegment hs = in(memory, h);
      MemorySegment ps = in(memory, post);
      MemorySegment fs = in(memory, f);
      MemorySegment g = in(memory, gy);
      MemorySegment scratch = out(memory, n.d * n.width);
      MemorySegment gf = out(memory, n.branch());
      MemorySegment gh = out(memory, h.length);
      MemorySegment gpost = out(memory, post.length);
      blocks(
          n.tokens,
          (i, lo, hi) -> {
            kernel.streamWriteVjp(xs, ps, fs, g, gf, gh, gpost, n.d, n.width, n.tokens, lo, hi);
            kernel.mixTransposed(hs, g, scratch, n.d, n.width, n.tokens, lo, hi);
          });
      Map<String, double[]> out = new LinkedHashMap<>();
      out.put("x", back(g));
      out.put("h", back(gh));
      out.put("post", back(gpost));
      out.put("f", back(gf));
      return out;
    }
  }
}
