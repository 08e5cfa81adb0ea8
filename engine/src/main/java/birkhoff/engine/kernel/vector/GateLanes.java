package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * One row of the maps or of their gradients, tokens in lanes. A row of {@code m} starts at element
 * {@code mRow}; blocks are tokens {@code [lo, hi)}.
 */
final class GateLanes {
  private static final int BYTES = Float.BYTES;

  private GateLanes() {}

  /** {@code out = a·raw·rrms + b}. */
  static void affine(
      MemorySegment raw,
      long rawRow,
      MemorySegment rrms,
      float a,
      float b,
      MemorySegment out,
      long outRow,
      long lo,
      long hi) {
    FloatVector bias = FloatVector.broadcast(F, b);
    long t = lo;
    for (; t + LENGTH <= hi; t += LENGTH) {
      FloatVector v = Lanes.load(raw, rawRow + t).mul(Lanes.load(rrms, t).mul(a)).add(bias);
      v.intoMemorySegment(out, (outRow + t) * BYTES, ORDER);
    }
    if (t < hi) {
      VectorMask<Float> in = F.indexInRange(t, hi);
      FloatVector v = Lanes.load(raw, rawRow + t, in).mul(Lanes.load(rrms, t, in).mul(a)).add(bias);
      v.intoMemorySegment(out, (outRow + t) * BYTES, ORDER, in);
    }
  }

  /** {@code out = scale·σ(a·raw·rrms + b)}. */
  static void sigmoid(
      MemorySegment raw,
      long rawRow,
      MemorySegment rrms,
      float a,
      float b,
      float scale,
      MemorySegment out,
      long outRow,
      long lo,
      long hi) {
    FloatVector bias = FloatVector.broadcast(F, b);
    long t = lo;
    for (; t + LENGTH <= hi; t += LENGTH) {
      FloatVector v = Lanes.load(raw, rawRow + t).mul(Lanes.load(rrms, t).mul(a)).add(bias);
      FastMath.sigmoid(v).mul(scale).intoMemorySegment(out, (outRow + t) * BYTES, ORDER);
    }
    if (t < hi) {
      sigmoidTail(raw, rawRow + t, rrms, t, a, b, scale, out, outRow + t, hi - t);
    }
  }

  private static void sigmoidTail(
      MemorySegment raw,
      long rawAt,
      MemorySegment rrms,
      long t,
      float a,
      float b,
      float scale,
      MemorySegment out,
      long outAt,
      long count) {
    VectorMask<Float> in = F.indexInRange(0, count);
    FloatVector v = Lanes.load(raw, rawAt, in).mul(Lanes.load(rrms, t, in).mul(a)).add(b);
    FastMath.sigmoid(v).mul(scale).intoMemorySegment(out, outAt * BYTES, ORDER, in);
  }

  /** {@code gv = gm·m·(1 - slope·m)}: back through {@code m = σ(v)/slope}. */
  static void sigmoidVjp(
      float slope,
      MemorySegment m,
      MemorySegment gm,
      long row,
      MemorySegment gv,
      long gvRow,
      long lo,
      long hi) {
    long t = lo;
    for (; t + LENGTH <= hi; t += LENGTH) {
      FloatVector v = Lanes.load(m, row + t);
      FloatVector g = Lanes.load(gm, row + t).mul(v.mul(v.mul(-slope).add(1)));
      g.intoMemorySegment(gv, (gvRow + t) * BYTES, ORDER);
    }
    if (t < hi) {
      VectorMask<Float> in = F.indexInRange(t, hi);
      FloatVector v = Lanes.load(m, row + t, in);
      FloatVector g = Lanes.load(gm, row + t, in).mul(v.mul(v.mul(-slope).add(1)));
      g.intoMemorySegment(gv, (gvRow + t) * BYTES, ORDER, in);
    }
  }

  /**
   * With {@code gv} in {@code g}: {@code grrms += a·gv·raw}, {@code g = a·gv·rrms}, and returns the
   * gradient of {@code a}, {@code Σ gv·raw·rrms}.
   */
  static float rowVjp(
      MemorySegment raw,
      MemorySegment rrms,
      float a,
      MemorySegment g,
      MemorySegment grrms,
      long row,
      long lo,
      long hi) {
    FloatVector sum = FloatVector.zero(F);
    long t = lo;
    for (; t + LENGTH <= hi; t += LENGTH) {
      FloatVector gv = Lanes.load(g, row + t);
      FloatVector scale = Lanes.load(rrms, t);
      FloatVector gx = gv.mul(Lanes.load(raw, row + t));
      sum = gx.fma(scale, sum);
      gx.mul(a).add(Lanes.load(grrms, t)).intoMemorySegment(grrms, t * BYTES, ORDER);
      gv.mul(scale).mul(a).intoMemorySegment(g, (row + t) * BYTES, ORDER);
    }
    float slope = Lanes.sum(sum);
    return t < hi ? slope + rowVjpTail(raw, rrms, a, g, grrms, row, t, hi) : slope;
  }

  private static float rowVjpTail(
      MemorySegment raw,
      MemorySegment rrms,
      float a,
      MemorySegment g,
      MemorySegment grrms,
      long row,
      long t,
      long hi) {
    // Lanes beyond the end load zeros, which add nothing to the sum.
    VectorMask<Float> in = F.indexInRange(t, hi);
    FloatVector gv = Lanes.load(g, row + t, in);
    FloatVector scale = Lanes.load(rrms, t, in);
    FloatVector gx = gv.mul(Lanes.load(raw, row + t, in));
    gx.mul(a).add(Lanes.load(grrms, t, in)).intoMemorySegment(grrms, t * BYTES, ORDER, in);
    gv.mul(scale).mul(a).intoMemorySegment(g, (row + t) * BYTES, ORDER, in);
    return Lanes.sum(gx.mul(scale));
  }

  static float sum(MemorySegment m, long row, long lo, long hi) {
    FloatVector sum = FloatVector.zero(F);
    long t = lo;
    for (; t + LENGTH <= hi; t += LENGTH) {
      sum = Lanes.load(m, row + t).add(sum);
    }
    float total = Lanes.sum(sum);
    return t < hi ? total + Lanes.sum(Lanes.load(m, row + t, F.indexInRange(t, hi))) : total;
  }

  static void copy(
      MemorySegment from, long fromRow, MemorySegment to, long toRow, long lo, long hi) {
    MemorySegment.copy(from, (fromRow + lo) * BYTES, to, (toRow + lo) * BYTES, (hi - lo) * BYTES);
  }

  static void zero(MemorySegment m, long lo, long hi) {
    long t = lo;
    for (; t + LENGTH <= hi; t += LENGTH) {
      FloatVector.zero(F).intoMemorySegment(m, t * BYTES, ORDER);
    }
    if (t < hi) {
      FloatVector.zero(F).intoMemorySegment(m, t * BYTES, ORDER, F.indexInRange(t, hi));
    }
  }
}
