package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static birkhoff.engine.kernel.vector.Lanes.at;
import static birkhoff.engine.kernel.vector.Lanes.number;
import static birkhoff.engine.kernel.vector.Lanes.set;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Linear combinations and inner products of rows of one width, the inner loops of reading and
 * writing streams. Offsets of rows are in bytes; coefficient {@code k} of a combination is {@code
 * coefficients[first + k·step]}.
 */
final class Streams {
  private static final long BYTES_2 = 2L * BYTES;
  private static final long BYTES_3 = 3L * BYTES;

  private Streams() {}

  /**
   * {@code out = scale·start + Σ_k coefficient_k·row_k}, the rows lying one behind the other from
   * {@code x[offset]}. {@code start} may be {@code out} itself, which then is added to.
   */
  static void combine(
      MemorySegment start,
      long startOffset,
      float scale,
      int rows,
      int width,
      MemorySegment x,
      long offset,
      MemorySegment coefficients,
      long first,
      long step,
      MemorySegment out,
      long outOffset) {
    long stride = (long) width * Float.BYTES;
    int c = 0;
    for (; c + 4 * LENGTH <= width; c += 4 * LENGTH) {
      long o = (long) c * Float.BYTES;
      FloatVector s0 = at(start, startOffset + o).mul(scale);
      FloatVector s1 = at(start, startOffset + o + BYTES).mul(scale);
      FloatVector s2 = at(start, startOffset + o + BYTES_2).mul(scale);
      FloatVector s3 = at(start, startOffset + o + BYTES_3).mul(scale);
      for (int k = 0; k < rows; k++) {
        FloatVector a = FloatVector.broadcast(F, number(coefficients, first + k * step));
        long row = offset + k * stride + o;
        s0 = at(x, row).fma(a, s0);
        s1 = at(x, row + BYTES).fma(a, s1);
        s2 = at(x, row + BYTES_2).fma(a, s2);
        s3 = at(x, row + BYTES_3).fma(a, s3);
      }
      s0.intoMemorySegment(out, outOffset + o, ORDER);
      s1.intoMemorySegment(out, outOffset + o + BYTES, ORDER);
      s2.intoMemorySegment(out, outOffset + o + BYTES_2, ORDER);
      s3.intoMemorySegment(out, outOffset + o + BYTES_3, ORDER);
    }
    for (; c < width; c += LENGTH) {
      combineTail(
          start,
          startOffset,
          scale,
          rows,
          width,
          c,
          x,
          offset,
          coefficients,
          first,
          step,
          out,
          outOffset);
    }
  }

  /** One vector of {@link #combine}, from column {@code c}, masked. */
  private static void combineTail(
      MemorySegment start,
      long startOffset,
      float scale,
      int rows,
      int width,
      int c,
      MemorySegment x,
      long offset,
      MemorySegment coefficients,
      long first,
      long step,
      MemorySegment out,
      long outOffset) {
    VectorMask<Float> in = F.indexInRange(c, width);
    long o = (long) c * Float.BYTES;
    FloatVector s = FloatVector.fromMemorySegment(F, start, startOffset + o, ORDER, in).mul(scale);
    for (int k = 0; k < rows; k++) {
      FloatVector a = FloatVector.broadcast(F, number(coefficients, first + k * step));
      long row = offset + ((long) k * width + c) * Float.BYTES;
      s = FloatVector.fromMemorySegment(F, x, row, ORDER, in).fma(a, s);
    }
    s.intoMemorySegment(out, outOffset + o, ORDER, in);
  }

  /** {@code out = start + a·x} for one row; {@code start} may be {@code out}. */
  static void axpy(
      int width,
      float a,
      MemorySegment x,
      long xOffset,
      MemorySegment start,
      MemorySegment out,
      long outOffset) {
    int c = 0;
    for (; c + LENGTH <= width; c += LENGTH) {
      long o = (long) c * Float.BYTES;
      at(x, xOffset + o)
          .fma(FloatVector.broadcast(F, a), at(start, outOffset + o))
          .intoMemorySegment(out, outOffset + o, ORDER);
    }
    if (c < width) {
      VectorMask<Float> in = F.indexInRange(c, width);
      long o = (long) c * Float.BYTES;
      FloatVector.fromMemorySegment(F, x, xOffset + o, ORDER, in)
          .fma(
              FloatVector.broadcast(F, a),
              FloatVector.fromMemorySegment(F, start, outOffset + o, ORDER, in))
          .intoMemorySegment(out, outOffset + o, ORDER, in);
    }
  }

  /** {@code out = a·x} for one row. */
  static void scale(
      int width, float a, MemorySegment x, long xOffset, MemorySegment out, long outOffset) {
    int c = 0;
    for (; c + LENGTH <= width; c += LENGTH) {
      long o = (long) c * Float.BYTES;
      at(x, xOffset + o).mul(a).intoMemorySegment(out, outOffset + o, ORDER);
    }
    if (c < width) {
      VectorMask<Float> in = F.indexInRange(c, width);
      long o = (long) c * Float.BYTES;
      FloatVector.fromMemorySegment(F, x, xOffset + o, ORDER, in)
          .mul(a)
          .intoMemorySegment(out, outOffset + o, ORDER, in);
    }
  }

  /** {@code out (+)= a·x + b·y} for one row, in one pass. */
  static void axpby(
      int width,
      float a,
      MemorySegment x,
      long xOffset,
      float b,
      MemorySegment y,
      MemorySegment out,
      long outOffset,
      boolean accumulate) {
    float keep = accumulate ? 1 : 0;
    MemorySegment start = accumulate ? out : y;
    int c = 0;
    for (; c + LENGTH <= width; c += LENGTH) {
      long o = (long) c * Float.BYTES;
      at(x, xOffset + o)
          .mul(a)
          .add(at(y, outOffset + o).mul(b))
          .add(at(start, outOffset + o).mul(keep))
          .intoMemorySegment(out, outOffset + o, ORDER);
    }
    if (c < width) {
      VectorMask<Float> in = F.indexInRange(c, width);
      long o = (long) c * Float.BYTES;
      FloatVector.fromMemorySegment(F, x, xOffset + o, ORDER, in)
          .mul(a)
          .add(FloatVector.fromMemorySegment(F, y, outOffset + o, ORDER, in).mul(b))
          .add(FloatVector.fromMemorySegment(F, start, outOffset + o, ORDER, in).mul(keep))
          .intoMemorySegment(out, outOffset + o, ORDER, in);
    }
  }

  /** {@code out[first + k·step] = <a, b_k>} for {@code rows} rows of b, one behind the other. */
  static void dots(
      int rows,
      int width,
      MemorySegment a,
      long aOffset,
      MemorySegment b,
      long bOffset,
      MemorySegment out,
      long first,
      long step) {
    long stride = (long) width * Float.BYTES;
    int k = 0;
    for (; k + 4 <= rows; k += 4) {
      dots4(width, a, aOffset, b, bOffset + k * stride, out, first + k * step, step);
    }
    for (; k < rows; k++) {
      dot(width, a, aOffset, b, bOffset + k * stride, out, first + k * step);
    }
  }

  private static void dots4(
      int width,
      MemorySegment a,
      long aOffset,
      MemorySegment b,
      long b0,
      MemorySegment out,
      long first,
      long step) {
    long stride = (long) width * Float.BYTES;
    long b1 = b0 + stride;
    long b2 = b1 + stride;
    long b3 = b2 + stride;
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector s2 = FloatVector.zero(F);
    FloatVector s3 = FloatVector.zero(F);
    int c = 0;
    for (; c + LENGTH <= width; c += LENGTH) {
      long o = (long) c * Float.BYTES;
      FloatVector v = at(a, aOffset + o);
      s0 = v.fma(at(b, b0 + o), s0);
      s1 = v.fma(at(b, b1 + o), s1);
      s2 = v.fma(at(b, b2 + o), s2);
      s3 = v.fma(at(b, b3 + o), s3);
    }
    float t0 = Lanes.sum(s0);
    float t1 = Lanes.sum(s1);
    float t2 = Lanes.sum(s2);
    float t3 = Lanes.sum(s3);
    // Floats, not vectors, meet behind the branch: vectors would be boxed there.
    if (c < width) {
      t0 += dotTail(width, c, a, aOffset, b, b0);
      t1 += dotTail(width, c, a, aOffset, b, b1);
      t2 += dotTail(width, c, a, aOffset, b, b2);
      t3 += dotTail(width, c, a, aOffset, b, b3);
    }
    set(out, first, t0);
    set(out, first + step, t1);
    set(out, first + 2 * step, t2);
    set(out, first + 3 * step, t3);
  }

  /** The masked vector from column {@code c}. */
  private static float dotTail(
      int width, int c, MemorySegment a, long aOffset, MemorySegment b, long bOffset) {
    VectorMask<Float> in = F.indexInRange(c, width);
    long o = (long) c * Float.BYTES;
    FloatVector v = FloatVector.fromMemorySegment(F, a, aOffset + o, ORDER, in);
    return Lanes.sum(v.mul(FloatVector.fromMemorySegment(F, b, bOffset + o, ORDER, in)));
  }

  private static void dot(
      int width,
      MemorySegment a,
      long aOffset,
      MemorySegment b,
      long bOffset,
      MemorySegment out,
      long at) {
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    int c = 0;
    for (; c + 2 * LENGTH <= width; c += 2 * LENGTH) {
      long o = (long) c * Float.BYTES;
      s0 = at(a, aOffset + o).fma(at(b, bOffset + o), s0);
      s1 = at(a, aOffset + o + BYTES).fma(at(b, bOffset + o + BYTES), s1);
    }
    float sum = Lanes.sum(s0.add(s1));
    for (; c < width; c += LENGTH) {
      sum += dotTail(width, c, a, aOffset, b, bOffset);
    }
    set(out, at, sum);
  }
}
