package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.kernel.Mixers;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * Reference kernels of mixers: one token after the other, arithmetic in double. Nothing is kept for
 * the backward pass.
 */
public final class ScalarMixers implements Mixers {
  private final Elements e;

  /** Kernels for {@code dtype} FLOAT32 or FLOAT64. */
  public ScalarMixers(DType dtype) {
    this.e = new Elements(dtype);
  }

  /** None: a block's arrays are on the heap. */
  @Override
  public long scratchBytes(MixerShape shape) {
    return 0;
  }

  private void load(MemorySegment m, double[] to, long tokens, long t) {
    for (int k = 0; k < to.length; k++) {
      to[k] = e.get(m, k * tokens + t);
    }
  }

  private void store(double[] from, MemorySegment m, long tokens, long t) {
    for (int k = 0; k < from.length; k++) {
      e.set(m, k * tokens + t, from[k]);
    }
  }

  @Override
  public void mix(
      MixerShape shape,
      MemorySegment z,
      MemorySegment h,
      MemorySegment kept,
      MemorySegment scratch,
      long tokens,
      long lo,
      long hi) {
    TokenMap map = TokenMap.of(shape);
    double[] numbers = new double[shape.parameters()];
    double[] matrix = new double[shape.d() * shape.d()];
    for (long t = lo; t < hi; t++) {
      load(z, numbers, tokens, t);
      map.mix(numbers, matrix);
      store(matrix, h, tokens, t);
    }
  }

  @Override
  public void mixVjp(
      MixerShape shape,
      MemorySegment z,
      MemorySegment gh,
      MemorySegment gz,
      MemorySegment kept,
      MemorySegment scratch,
      long tokens,
      long lo,
      long hi) {
    TokenMap map = TokenMap.of(shape);
    double[] numbers = new double[shape.parameters()];
    double[] gradient = new double[shape.parameters()];
    double[] matrix = new double[shape.d() * shape.d()];
    for (long t = lo; t < hi; t++) {
      load(z, numbers, tokens, t);
      load(gh, matrix, tokens, t);
      map.vjp(numbers, matrix, gradient);
      store(gradient, gz, tokens, t);
    }
  }

  /** Entry (i, j) of the left and (k, l) of the right factor make this one of the product. */
  private static int entry(int a, int b, int left, int right) {
    int row = left / a * b + right / b;
    int column = left % a * b + right % b;
    return row * a * b + column;
  }

  @Override
  public void kronecker(
      int a,
      int b,
      MemorySegment left,
      MemorySegment right,
      MemorySegment h,
      long tokens,
      long lo,
      long hi) {
    for (int l = 0; l < a * a; l++) {
      for (int r = 0; r < b * b; r++) {
        for (long t = lo; t < hi; t++) {
          double product = e.get(left, l * tokens + t) * e.get(right, r * tokens + t);
          e.set(h, entry(a, b, l, r) * tokens + t, product);
        }
      }
    }
  }

  @Override
  public void kroneckerVjp(
      int a,
      int b,
      MemorySegment left,
      MemorySegment right,
      MemorySegment gh,
      MemorySegment gleft,
      MemorySegment gright,
      long tokens,
      long lo,
      long hi) {
    for (long t = lo; t < hi; t++) {
      for (int l = 0; l < a * a; l++) {
        double sum = 0;
        for (int r = 0; r < b * b; r++) {
          sum += e.get(gh, entry(a, b, l, r) * tokens + t) * e.get(right, r * tokens + t);
        }
        e.set(gleft, l * tokens + t, sum);
      }
      for (int r = 0; r < b * b; r++) {
        double sum = 0;
        for (int l = 0; l < a * a; l++) {
          sum += e.get(gh, entry(a, b, l, r) * tokens + t) * e.get(left, l * tokens + t);
        }
        e.set(gright, r * tokens + t, sum);
      }
    }
  }

  @Override
  public void skewPart(int n, MemorySegment theta, MemorySegment z, long tokens, long lo, long hi) {
    for (long t = lo; t < hi; t++) {
      long k = 0;
      for (long p = 0; p < n; p++) {
        for (long q = p + 1; q < n; q++) {
          double above = e.get(theta, (p * n + q) * tokens + t);
          double below = e.get(theta, (q * n + p) * tokens + t);
          e.set(z, k++ * tokens + t, above - below);
        }
      }
    }
  }

  @Override
  public void skewPartVjp(
      int n, MemorySegment gz, MemorySegment gtheta, long tokens, long lo, long hi) {
    for (long t = lo; t < hi; t++) {
      long k = 0;
      for (long p = 0; p < n; p++) {
        e.set(gtheta, (p * n + p) * tokens + t, 0);
        for (long q = p + 1; q < n; q++) {
          double g = e.get(gz, k++ * tokens + t);
          e.set(gtheta, (p * n + q) * tokens + t, g);
          e.set(gtheta, (q * n + p) * tokens + t, -g);
        }
      }
    }
  }
}
