package birkhoff.engine.kernel.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import birkhoff.engine.kernel.Normalization;
import java.lang.foreign.MemorySegment;

/** Float32 norms and softmax. A row stays in the first cache between its passes. */
public final class VectorNormalization implements Normalization {
  public VectorNormalization() {}

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
      normalizeRow(x, gamma, beta, y, mean, rstd, cols, eps, r);
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
    for (long r = lo; r < hi; r++) {
      Rows.add(x, r * cols, branch, r * cols, sum, r * cols, cols);
      normalizeRow(sum, gamma, beta, y, mean, rstd, cols, eps, r);
    }
  }

  private static void normalizeRow(
      MemorySegment x,
      MemorySegment gamma,
      MemorySegment beta,
      MemorySegment y,
      MemorySegment mean,
      MemorySegment rstd,
      int cols,
      double eps,
      long r) {
    long row = r * cols;
    float mu = (float) (Rows.sum(x, row, cols) / cols);
    double variance = Rows.squaredDistances(x, row, cols, mu) / cols;
    float rs = (float) (1 / Math.sqrt(variance + eps));
    mean.setAtIndex(JAVA_FLOAT, r, mu);
    rstd.setAtIndex(JAVA_FLOAT, r, rs);
    NormRows.affine(x, gamma, beta, y, row, cols, mu, rs);
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
    if (partial != null) {
      VectorReduction.zero(partial, partialOff, 2L * cols);
    }
    for (long r = lo; r < hi; r++) {
      long row = r * cols;
      float mu = mean.getAtIndex(JAVA_FLOAT, r);
      float rs = rstd.getAtIndex(JAVA_FLOAT, r);
      if (partial != null) {
        NormRows.addGammaGradient(x, gy, partial, partialOff, row, cols, mu, rs);
        Rows.add(partial, partialOff + cols, gy, row, partial, partialOff + cols, cols);
      }
      double meanG = NormRows.weighted(gy, gamma, row, cols) / cols;
      double meanGX = NormRows.weightedDot(x, gy, gamma, row, cols, mu) * rs / cols;
      // gx = rs·(gγ - meanG - x̂·meanGX) = rs·gγ + scale·(x - mu) + shift
      float scale = (float) (-rs * meanGX * rs);
      float shift = (float) (-rs * meanG);
      NormRows.inputGradient(x, gy, gamma, gx, accumulate, row, cols, mu, rs, scale, shift);
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
      float rr = (float) (1 / Math.sqrt(Rows.dot(x, row, x, row, cols) / cols + eps));
      rrms.setAtIndex(JAVA_FLOAT, r, rr);
      if (y != null) {
        NormRows.affine(x, gamma, null, y, row, cols, 0, rr);
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
    if (partial != null) {
      VectorReduction.zero(partial, partialOff, cols);
    }
    for (long r = lo; r < hi; r++) {
      long row = r * cols;
      float rr = rrms.getAtIndex(JAVA_FLOAT, r);
      if (partial != null) {
        NormRows.addGammaGradient(x, gy, partial, partialOff, row, cols, 0, rr);
      }
      double meanGX = NormRows.weightedDot(x, gy, gamma, row, cols, 0) * rr / cols;
      float scale = (float) (-rr * meanGX * rr);
      NormRows.inputGradient(x, gy, gamma, gx, accumulate, row, cols, 0, rr, scale, 0);
    }
  }

  @Override
  public void softmax(MemorySegment x, MemorySegment y, int cols, long lo, long hi) {
    for (long r = lo; r < hi; r++) {
      long row = r * cols;
      float max = Rows.largest(x, row, cols);
      double sum = Rows.exp(x, y, row, cols, max);
      Rows.scale(y, row, cols, (float) (1 / sum));
    }
  }

  @Override
  public void logSoftmax(MemorySegment x, MemorySegment y, int cols, long lo, long hi) {
    for (long r = lo; r < hi; r++) {
      long row = r * cols;
      float max = Rows.largest(x, row, cols);
      float logSum = (float) StrictMath.log(Rows.exp(x, null, row, cols, max));
      SoftmaxRows.subtract(x, y, row, cols, max, logSum);
    }
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
      long row = r * cols;
      float dot = (float) Rows.dot(y, row, gy, row, cols);
      SoftmaxRows.gradient(y, gy, gx, accumulate, row, cols, dot);
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
      long row = r * cols;
      float sum = (float) Rows.sum(gy, row, cols);
      SoftmaxRows.logGradient(y, gy, gx, accumulate, row, cols, sum);
    }
  }
}
