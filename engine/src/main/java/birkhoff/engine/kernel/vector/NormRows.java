package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.load;
import static birkhoff.engine.kernel.vector.Lanes.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Passes of the norms over one row of {@code n} elements that starts at {@code row}. */
final class NormRows {
  private NormRows() {}

  /** {@code y = (x - mu)·rs·γ + β}; γ and β may be null. */
  static void affine(
      MemorySegment x,
      MemorySegment gamma,
      MemorySegment beta,
      MemorySegment y,
      long row,
      long n,
      float mu,
      float rs) {
    long i = 0;
    if (gamma != null && beta != null) {
      for (; i <= n - LENGTH; i += LENGTH) {
        FloatVector xHat = load(x, row + i).sub(mu).mul(rs);
        store(xHat.fma(load(gamma, i), load(beta, i)), y, row + i);
      }
    } else if (gamma != null) {
      for (; i <= n - LENGTH; i += LENGTH) {
        store(load(x, row + i).sub(mu).mul(rs).mul(load(gamma, i)), y, row + i);
      }
    } else {
      for (; i <= n - LENGTH; i += LENGTH) {
        store(load(x, row + i).sub(mu).mul(rs), y, row + i);
      }
      if (beta != null) {
        Rows.add(y, row, beta, 0, y, row, i);
      }
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      FloatVector v = load(x, row + i, rest).sub(mu).mul(rs);
      v = gamma == null ? v : v.mul(load(gamma, i, rest));
      store(beta == null ? v : v.add(load(beta, i, rest)), y, row + i, rest);
    }
  }

  /** Σ gy·γ. */
  static double weighted(MemorySegment gy, MemorySegment gamma, long row, long n) {
    return gamma == null ? Rows.sum(gy, row, n) : Rows.dot(gy, row, gamma, 0, n);
  }

  /** Σ gy·γ·(x - mu). */
  static double weightedDot(
      MemorySegment x, MemorySegment gy, MemorySegment gamma, long row, long n, float mu) {
    double total = 0;
    for (long c = 0; c < n; c += Rows.CHUNK) {
      long length = Math.min(Rows.CHUNK, n - c);
      total +=
          gamma == null
              ? centredDot(x, gy, row + c, length, mu)
              : centredDot(x, gy, gamma, c, row + c, length, mu);
    }
    return total;
  }

  private static float centredDot(MemorySegment x, MemorySegment gy, long from, long n, float mu) {
    FloatVector a = FloatVector.zero(Lanes.F);
    long i = 0;
    for (; i <= n - LENGTH; i += LENGTH) {
      a = load(x, from + i).sub(mu).fma(load(gy, from + i), a);
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      a = load(x, from + i, rest).sub(mu).fma(load(gy, from + i, rest), a);
    }
    return Lanes.sum(a);
  }

  private static float centredDot(
      MemorySegment x,
      MemorySegment gy,
      MemorySegment gamma,
      long column,
      long from,
      long n,
      float mu) {
    FloatVector a = FloatVector.zero(Lanes.F);
    FloatVector b = FloatVector.zero(Lanes.F);
    long i = 0;
    for (; i <= n - 2L * LENGTH; i += 2L * LENGTH) {
      FloatVector g = load(gy, from + i).mul(load(gamma, column + i));
      FloatVector h = load(gy, from + i + LENGTH).mul(load(gamma, column + i + LENGTH));
      a = load(x, from + i).sub(mu).fma(g, a);
      b = load(x, from + i + LENGTH).sub(mu).fma(h, b);
    }
    for (; i <= n - LENGTH; i += LENGTH) {
      FloatVector g = load(gy, from + i).mul(load(gamma, column + i));
      a = load(x, from + i).sub(mu).fma(g, a);
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      FloatVector g = load(gy, from + i, rest).mul(load(gamma, column + i, rest));
      b = load(x, from + i, rest).sub(mu).fma(g, b);
    }
    return Lanes.sum(a.add(b));
  }

  /** {@code out += gy·(x - mu)·rs}. */
  static void addGammaGradient(
      MemorySegment x,
      MemorySegment gy,
      MemorySegment out,
      long outOff,
      long row,
      long n,
      float mu,
      float rs) {
    long i = 0;
    for (; i <= n - LENGTH; i += LENGTH) {
      FloatVector xHat = load(x, row + i).sub(mu).mul(rs);
      store(xHat.fma(load(gy, row + i), load(out, outOff + i)), out, outOff + i);
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      FloatVector xHat = load(x, row + i, rest).sub(mu).mul(rs);
      FloatVector sum = xHat.fma(load(gy, row + i, rest), load(out, outOff + i, rest));
      store(sum, out, outOff + i, rest);
    }
  }

  /** {@code gx (+)= rs·gy·γ + scale·(x - mu) + shift}. */
  static void inputGradient(
      MemorySegment x,
      MemorySegment gy,
      MemorySegment gamma,
      MemorySegment gx,
      boolean accumulate,
      long row,
      long n,
      float mu,
      float rs,
      float scale,
      float shift) {
    long i = 0;
    if (gamma != null && accumulate) {
      for (; i <= n - LENGTH; i += LENGTH) {
        FloatVector g = load(gy, row + i).mul(load(gamma, i)).mul(rs);
        FloatVector v = load(x, row + i).sub(mu).fma(scale, shift).add(g);
        store(v.add(load(gx, row + i)), gx, row + i);
      }
    } else if (gamma != null) {
      for (; i <= n - LENGTH; i += LENGTH) {
        FloatVector g = load(gy, row + i).mul(load(gamma, i)).mul(rs);
        store(load(x, row + i).sub(mu).fma(scale, shift).add(g), gx, row + i);
      }
    } else if (accumulate) {
      for (; i <= n - LENGTH; i += LENGTH) {
        FloatVector g = load(gy, row + i).mul(rs).add(load(gx, row + i));
        store(load(x, row + i).sub(mu).fma(scale, shift).add(g), gx, row + i);
      }
    } else {
      for (; i <= n - LENGTH; i += LENGTH) {
        FloatVector g = load(gy, row + i).mul(rs);
        store(load(x, row + i).sub(mu).fma(scale, shift).add(g), gx, row + i);
      }
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      FloatVector g = load(gy, row + i, rest).mul(rs);
      g = gamma == null ? g : g.mul(load(gamma, i, rest));
      FloatVector v = load(x, row + i, rest).sub(mu).fma(scale, shift).add(g);
      store(accumulate ? v.add(load(gx, row + i, rest)) : v, gx, row + i, rest);
    }
  }
}
