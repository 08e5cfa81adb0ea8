package birkhoff.engine.kernel.vector;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.kernel.Mixers;
import java.lang.foreign.MemorySegment;

/** Mixers for float32, one token per lane. */
public final class VectorMixers implements Mixers {
  public VectorMixers() {}

  @Override
  public long scratchBytes(MixerShape shape) {
    return switch (shape) {
      case MixerShape.Cayley s -> CayleyLanes.scratchBytes(s);
      case MixerShape.Permutations s -> PermutationLanes.scratchBytes(s);
      case MixerShape.Sinkhorn s -> SinkhornLanes.scratchBytes(s);
      case MixerShape.Identity _ -> 0;
    };
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
    if (shape instanceof MixerShape.Identity) {
      identity(shape.d(), h, tokens, lo, hi);
      return;
    }
    for (long t = lo; t < hi; t += DoubleLanes.GROUP) {
      int count = (int) Math.min(DoubleLanes.GROUP, hi - t);
      switch (shape) {
        case MixerShape.Cayley s -> CayleyLanes.mix(s, z, h, kept, scratch, tokens, t, count);
        case MixerShape.Permutations s -> PermutationLanes.mix(s, z, h, scratch, tokens, t, count);
        case MixerShape.Sinkhorn s -> SinkhornLanes.mix(s, z, h, scratch, tokens, t, count);
        case MixerShape.Identity _ -> {}
      }
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
    for (long t = lo; t < hi; t += DoubleLanes.GROUP) {
      int count = (int) Math.min(DoubleLanes.GROUP, hi - t);
      switch (shape) {
        case MixerShape.Cayley s ->
            CayleyLanes.mixVjp(s, z, gh, gz, kept, scratch, tokens, t, count);
        case MixerShape.Permutations s ->
            PermutationLanes.mixVjp(s, z, gh, gz, scratch, tokens, t, count);
        case MixerShape.Sinkhorn s -> SinkhornLanes.mixVjp(s, z, gh, gz, scratch, tokens, t, count);
        case MixerShape.Identity _ -> {}
      }
    }
  }

  private static void identity(int d, MemorySegment h, long tokens, long lo, long hi) {
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        TokenRows.fill(h, (i * d + j) * tokens, i == j ? 1 : 0, lo, hi);
      }
    }
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
    int d = a * b;
    for (int row = 0; row < d; row++) {
      for (int column = 0; column < d; column++) {
        long l = (long) (row / b) * a + column / b;
        long r = (long) (row % b) * b + column % b;
        long out = (long) row * d + column;
        TokenRows.multiply(left, l * tokens, right, r * tokens, h, out * tokens, lo, hi);
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
    long d = (long) a * b;
    for (int l = 0; l < a * a; l++) {
      long corner = ((l / a) * d + l % a) * b * tokens;
      TokenRows.gradient(gh, corner, d, 1, right, b, tokens, gleft, l * tokens, lo, hi);
    }
    for (int r = 0; r < b * b; r++) {
      long corner = (r / b * d + r % b) * tokens;
      TokenRows.gradient(gh, corner, b * d, b, left, a, tokens, gright, r * tokens, lo, hi);
    }
  }

  @Override
  public void skewPart(int n, MemorySegment theta, MemorySegment z, long tokens, long lo, long hi) {
    long k = 0;
    for (long p = 0; p < n; p++) {
      for (long q = p + 1; q < n; q++) {
        long above = (p * n + q) * tokens;
        TokenRows.subtract(theta, above, (q * n + p) * tokens, z, k++ * tokens, lo, hi);
      }
    }
  }

  @Override
  public void skewPartVjp(
      int n, MemorySegment gz, MemorySegment gtheta, long tokens, long lo, long hi) {
    long k = 0;
    for (long p = 0; p < n; p++) {
      long diagonal = (p * n + p) * tokens;
      GateLanes.zero(gtheta, diagonal + lo, diagonal + hi);
      for (long q = p + 1; q < n; q++) {
        long row = k++ * tokens;
        GateLanes.copy(gz, row, gtheta, (p * n + q) * tokens, lo, hi);
        TokenRows.negate(gz, row, gtheta, (q * n + p) * tokens, lo, hi);
      }
    }
  }
}
