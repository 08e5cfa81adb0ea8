package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Passes of the norms over one row of {@code n} elements that starts at {@code row}; written as
 * {@link Rows} explains.
 */
final class NormRows {
  private static final int TWO = 2 * BYTES;

  private NormRows() {}

  /** {@code y = (x - mean)·rstd·γ + β}; γ and β may be null. */
  static void affine(
      MemorySegment x,
      MemorySegment gamma,
      MemorySegment beta,
      MemorySegment y,
      long row,
      int n,
      float mean,
      float rstd) {
    FloatVector mu = FloatVector.broadcast(F, mean);
    FloatVector rs = FloatVector.broadcast(F, rstd);
    long base = row * Float.BYTES;
    int bytes = n * Float.BYTES;
    int at = 0;
    if (gamma != null && beta != null) {
      for (; at <= bytes - BYTES; at += BYTES) {
        FloatVector xHat = fromMemorySegment(F, x, base + at, ORDER).sub(mu).mul(rs);
        FloatVector g = fromMemorySegment(F, gamma, at, ORDER);
        xHat.fma(g, fromMemorySegment(F, beta, at, ORDER)).intoMemorySegment(y, base + at, ORDER);
      }
    } else if (gamma != null) {
      for (; at <= bytes - BYTES; at += BYTES) {
        FloatVector xHat = fromMemorySegment(F, x, base + at, ORDER).sub(mu).mul(rs);
        xHat.mul(fromMemorySegment(F, gamma, at, ORDER)).intoMemorySegment(y, base + at, ORDER);
      }
    } else {
      for (; at <= bytes - BYTES; at += BYTES) {
        FloatVector xHat = fromMemorySegment(F, x, base + at, ORDER).sub(mu).mul(rs);
        xHat.intoMemorySegment(y, base + at, ORDER);
      }
      if (beta != null) {
        Rows.add(y, row, beta, 0, y, row, at / Float.BYTES);
      }
    }
    if (at < bytes) {
      affineTail(x, gamma, beta, y, base, at, n, mean, rstd);
    }
  }

  private static void affineTail(
      MemorySegment x,
      MemorySegment gamma,
      MemorySegment beta,
      MemorySegment y,
      long base,
      int at,
      int n,
      float mean,
      float rstd) {
    VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, n);
    FloatVector v = fromMemorySegment(F, x, base + at, ORDER, rest).sub(mean).mul(rstd);
    if (gamma != null) {
      v = v.mul(fromMemorySegment(F, gamma, at, ORDER, rest));
    }
    if (beta != null) {
      v = v.add(fromMemorySegment(F, beta, at, ORDER, rest));
    }
    v.intoMemorySegment(y, base + at, ORDER, rest);
  }

  /** Σ gy·γ. */
  static double weighted(MemorySegment gy, MemorySegment gamma, long row, int n) {
    return gamma == null ? Rows.sum(gy, row, n) : Rows.dot(gy, row, gamma, 0, n);
  }

  /** Σ gy·γ·(x - mean). */
  static double weightedDot(
      MemorySegment x, MemorySegment gy, MemorySegment gamma, long row, int n, float mean) {
    double total = 0;
    for (int c = 0; c < n; c += Rows.CHUNK) {
      int length = Math.min(Rows.CHUNK, n - c);
      total +=
          gamma == null
              ? centredDot(x, gy, row + c, length, mean)
              : centredDot(x, gy, gamma, c, row + c, length, mean);
    }
    return total;
  }

  private static float centredDot(MemorySegment x, MemorySegment gy, long from, int n, float mean) {
    FloatVector mu = FloatVector.broadcast(F, mean);
    FloatVector a = FloatVector.zero(F);
    long base = from * Float.BYTES;
    int bytes = n * Float.BYTES;
    int at = 0;
    for (; at <= bytes - BYTES; at += BYTES) {
      FloatVector u = fromMemorySegment(F, x, base + at, ORDER).sub(mu);
      a = u.fma(fromMemorySegment(F, gy, base + at, ORDER), a);
    }
    if (at < bytes) {
      VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, n);
      FloatVector u = fromMemorySegment(F, x, base + at, ORDER, rest).sub(mu);
      a = u.fma(fromMemorySegment(F, gy, base + at, ORDER, rest), a);
    }
    return Lanes.sum(a);
  }

  private static float centredDot(
      MemorySegment x,
      MemorySegment gy,
      MemorySegment gamma,
      int column,
      long from,
      int n,
      float mean) {
    FloatVector mu = FloatVector.broadcast(F, mean);
    FloatVector a = FloatVector.zero(F);
    FloatVector b = FloatVector.zero(F);
    long base = from * Float.BYTES;
    int weights = column * Float.BYTES;
    int bytes = n * Float.BYTES;
    int at = 0;
    for (; at <= bytes - TWO; at += TWO) {
      FloatVector g = fromMemorySegment(F, gy, base + at, ORDER);
      g = g.mul(fromMemorySegment(F, gamma, weights + at, ORDER));
      a = g.fma(fromMemorySegment(F, x, base + at, ORDER).sub(mu), a);
      g = fromMemorySegment(F, gy, base + at + BYTES, ORDER);
      g = g.mul(fromMemorySegment(F, gamma, weights + at + BYTES, ORDER));
      b = g.fma(fromMemorySegment(F, x, base + at + BYTES, ORDER).sub(mu), b);
    }
    if (at <= bytes - BYTES) {
      FloatVector g = fromMemorySegment(F, gy, base + at, ORDER);
      g = g.mul(fromMemorySegment(F, gamma, weights + at, ORDER));
      a = g.fma(fromMemorySegment(F, x, base + at, ORDER).sub(mu), a);
      at += BYTES;
    }
    if (at < bytes) {
      VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, n);
      FloatVector g = fromMemorySegment(F, gy, base + at, ORDER, rest);
      g = g.mul(fromMemorySegment(F, gamma, weights + at, ORDER, rest));
      b = g.fma(fromMemorySegment(F, x, base + at, ORDER, rest).sub(mu), b);
    }
    return Lanes.sum(a.add(b));
  }

  /** {@code out += gy·(x - mean)·rstd}. */
  static void addGammaGradient(
      MemorySegment x,
      MemorySegment gy,
      MemorySegment out,
      long outFrom,
      long row,
      int n,
      float mean,
      float rstd) {
    FloatVector mu = FloatVector.broadcast(F, mean);
    FloatVector rs = FloatVector.broadcast(F, rstd);
    long base = row * Float.BYTES;
    long outAt = outFrom * Float.BYTES;
    int bytes = n * Float.BYTES;
    int at = 0;
    for (; at <= bytes - BYTES; at += BYTES) {
      FloatVector xHat = fromMemorySegment(F, x, base + at, ORDER).sub(mu).mul(rs);
      FloatVector g = fromMemorySegment(F, gy, base + at, ORDER);
      xHat.fma(g, fromMemorySegment(F, out, outAt + at, ORDER))
          .intoMemorySegment(out, outAt + at, ORDER);
    }
    if (at < bytes) {
      VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, n);
      FloatVector xHat = fromMemorySegment(F, x, base + at, ORDER, rest).sub(mu).mul(rs);
      FloatVector g = fromMemorySegment(F, gy, base + at, ORDER, rest);
      xHat.fma(g, fromMemorySegment(F, out, outAt + at, ORDER, rest))
          .intoMemorySegment(out, outAt + at, ORDER, rest);
    }
  }

  /**
   * {@code gx (+)= rstd·gy·γ + scale·(x - mean) + shift}: both norms' gradients, with the row's
   * sums in scale and shift.
   */
  static void inputGradient(
      MemorySegment x,
      MemorySegment gy,
      MemorySegment gamma,
      MemorySegment gx,
      boolean accumulate,
      long row,
      int n,
      float mean,
      float rstd,
      float scale,
      float shift) {
    FloatVector mu = FloatVector.broadcast(F, mean);
    FloatVector rs = FloatVector.broadcast(F, rstd);
    FloatVector k = FloatVector.broadcast(F, scale);
    FloatVector c = FloatVector.broadcast(F, shift);
    long base = row * Float.BYTES;
    int bytes = n * Float.BYTES;
    int at = 0;
    for (; at <= bytes - BYTES; at += BYTES) {
      FloatVector v = fromMemorySegment(F, x, base + at, ORDER).sub(mu).fma(k, c);
      FloatVector g = fromMemorySegment(F, gy, base + at, ORDER).mul(rs);
      if (gamma != null) {
        v = g.fma(fromMemorySegment(F, gamma, at, ORDER), v);
      } else {
        v = v.add(g);
      }
      if (accumulate) {
        v = v.add(fromMemorySegment(F, gx, base + at, ORDER));
      }
      v.intoMemorySegment(gx, base + at, ORDER);
    }
    if (at < bytes) {
      VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, n);
      FloatVector v = fromMemorySegment(F, x, base + at, ORDER, rest).sub(mu).fma(k, c);
      FloatVector g = fromMemorySegment(F, gy, base + at, ORDER, rest).mul(rs);
      if (gamma != null) {
        v = g.fma(fromMemorySegment(F, gamma, at, ORDER, rest), v);
      } else {
        v = v.add(g);
      }
      if (accumulate) {
        v = v.add(fromMemorySegment(F, gx, base + at, ORDER, rest));
      }
      v.intoMemorySegment(gx, base + at, ORDER, rest);
    }
  }
}
