package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.Normalization;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Norms and softmax as the formulas say, in double. */
public final class ScalarNormalization implements Normalization {
  private final Elements e;

  public ScalarNormalization(DType dtype) {
    this.e = new Elements(dtype);
  }

  @Override
  public void layerNorm(
      MemorySegment x,
      MemorySegment gamma,
      MemorySegment beta,
      MemorySegment y,
      MemorySegment mean,
      MemorySegment rstd,
      int cols,
      double eps,
      long lo,
      long hi) {
    for (long r = lo; r < hi; r++) {
      long row = r * cols;
      double mu = 0;
      for (int c = 0; c < cols; c++) {
        mu += e.get(x, row + c);
      }
      mu /= cols;
      double var = 0;
      for (int c = 0; c < cols; c++) {
        double d = e.get(x, row + c) - mu;
        var += d * d;
      }
      double rs = 1 / Math.sqrt(var / cols + eps);
      for (int c = 0; c < cols; c++) {
        double xHat = (e.get(x, row + c) - mu) * rs;
        e.set(y, row + c, xHat * e.getOr(gamma, c, 1) + e.getOr(beta, c, 0));
      }
      e.set(mean, r, mu);
      e.set(rstd, r, rs);
    }
  }

  @Override
  public void addLayerNorm(
      MemorySegment x,
      MemorySegment branch,
      MemorySegment sum,
      MemorySegment gamma,
      MemorySegment beta,
      MemorySegment y,
      MemorySegment mean,
      MemorySegment rstd,
      int cols,
      double eps,
      long lo,
      long hi) {
    for (long i = lo * cols; i < hi * cols; i++) {
      e.set(sum, i, e.get(x, i) + e.get(branch, i));
    }
    layerNorm(sum, gamma, beta, y, mean, rstd, cols, eps, lo, hi);
  }

  @Override
  public void layerNormVjp(
      MemorySegment x,
      MemorySegment gamma,
      MemorySegment mean,
      MemorySegment rstd,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      MemorySegment partial,
      long partialOff,
      int cols,
      long lo,
      long hi) {
    for (long r = lo; r < hi; r++) {
      long row = r * cols;
      double mu = e.get(mean, r);
      double rs = e.get(rstd, r);
      double sumG = 0;
      double sumGX = 0;
      for (int c = 0; c < cols; c++) {
        double g = e.get(gy, row + c) * e.getOr(gamma, c, 1);
        sumG += g;
        sumGX += g * (e.get(x, row + c) - mu) * rs;
      }
      for (int c = 0; c < cols; c++) {
        double g = e.get(gy, row + c) * e.getOr(gamma, c, 1);
        double xHat = (e.get(x, row + c) - mu) * rs;
        e.put(gx, row + c, rs * (g - sumG / cols - xHat * sumGX / cols), accumulate);
      }
    }
    if (partial != null) {
      for (int c = 0; c < cols; c++) {
        double dGamma = 0;
        double dBeta = 0;
        for (long r = lo; r < hi; r++) {
          double g = e.get(gy, r * cols + c);
          dGamma += g * (e.get(x, r * cols + c) - e.get(mean, r)) * e.get(rstd, r);
          dBeta += g;
        }
        e.set(partial, partialOff + c, dGamma);
        e.set(partial, partialOff + cols + c, dBeta);
      }
    }
  }

  @Override
  public void rmsNorm(
      MemorySegment x,
      MemorySegment gamma,
      MemorySegment y,
      MemorySegment rrms,
      int cols,
      double eps,
      long lo,
      long hi) {
    for (long r = lo; r < hi; r++) {
      long row = r * cols;
      double squares = 0;
      for (int c = 0; c < cols; c++) {
        squares += e.get(x, row + c) * e.get(x, row + c);
      }
      double rr = 1 / Math.sqrt(squares / cols + eps);
      e.set(rrms, r, rr);
      for (int c = 0; y != null && c < cols; c++) {
        e.set(y, row + c, e.get(x, row + c) * rr * e.getOr(gamma, c, 1));
      }
    }
  }

  @Override
  public void rmsNormVjp(
      MemorySegment x,
      MemorySegment gamma,
      MemorySegment rrms,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      MemorySegment partial,
      long partialOff,
      int cols,
      long lo,
      long hi) {
    for (long r = lo; r < hi; r++) {
      long row = r * cols;
      double rr = e.get(rrms, r);
      double sumGX = 0;
      for (int c = 0; c < cols; c++) {
        sumGX += e.get(gy, row + c) * e.getOr(gamma, c, 1) * e.get(x, row + c) * rr;
      }
      for (int c = 0; c < cols; c++) {
        double g = e.get(gy, row + c) * e.getOr(gamma, c, 1);
        double xHat = e.get(x, row + c) * rr;
        e.put(gx, row + c, rr * (g - xHat * sumGX / cols), accumulate);
      }
    }
    if (partial != null) {
      for (int c = 0; c < cols; c++) {
        double dGamma = 0;
        for (long r = lo; r < hi; r++) {
          dGamma += e.get(gy, r * cols + c) * e.get(x, r * cols + c) * e.get(rrms, r);
        }
        e.set(partial, partialOff + c, dGamma);
      }
    }
  }

  @Override
  public void softmax(MemorySegment x, MemorySegment y, int cols, long lo, long hi) {
    for (long r = lo; r < hi; r++) {
      double max = rowMax(x, r, cols);
      double sum = rowSumExp(x, r, cols, max);
      for (long i = r * cols; i < (r + 1) * cols; i++) {
        e.set(y, i, Math.exp(e.get(x, i) - max) / sum);
      }
    }
  }

  @Override
  public void logSoftmax(MemorySegment x, MemorySegment y, int cols, long lo, long hi) {
    for (long r = lo; r < hi; r++) {
      double max = rowMax(x, r, cols);
      double logSum = Math.log(rowSumExp(x, r, cols, max));
      for (long i = r * cols; i < (r + 1) * cols; i++) {
        e.set(y, i, e.get(x, i) - max - logSum);
      }
    }
  }

  private double rowMax(MemorySegment x, long r, int cols) {
    double max = Double.NEGATIVE_INFINITY;
    for (long i = r * cols; i < (r + 1) * cols; i++) {
      max = Math.max(max, e.get(x, i));
    }
    return max;
  }

  private double rowSumExp(MemorySegment x, long r, int cols, double max) {
    double sum = 0;
    for (long i = r * cols; i < (r + 1) * cols; i++) {
      sum += Math.exp(e.get(x, i) - max);
    }
    return sum;
  }

  @Override
  public void softmaxVjp(
      MemorySegment y,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      int cols,
      long lo,
      long hi) {
    for (long r = lo; r < hi; r++) {
      double dot = 0;
      for (long i = r * cols; i < (r + 1) * cols; i++) {
        dot += e.get(y, i) * e.get(gy, i);
      }
      for (long i = r * cols; i < (r + 1) * cols; i++) {
        e.put(gx, i, e.get(y, i) * (e.get(gy, i) - dot), accumulate);
      }
    }
  }

  @Override
  public void logSoftmaxVjp(
      MemorySegment y,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      int cols,
      long lo,
      long hi) {
    for (long r = lo; r < hi; r++) {
      double sum = 0;
      for (long i = r * cols; i < (r + 1) * cols; i++) {
        sum += e.get(gy, i);
      }
      for (long i = r * cols; i < (r + 1) * cols; i++) {
        e.put(gx, i, e.get(gy, i) - Math.exp(e.get(y, i)) * sum, accumulate);
      }
    }
  }
}
