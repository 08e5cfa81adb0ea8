package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.WeightRows;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.parallel.ThreadTeam;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * {@code C = α·A·Bᵀ + β·C} for a few rows of A, where reading B takes the time: B is read once,
 * where it lies, some rows at a time, and stays in the first cache for the other rows of A. The sum
 * over k is one per lane, then a fixed tree; it does not depend on the number of rows of A.
 */
final class FewRows {
  /** From here on packing B pays. */
  static final int LIMIT = 4;

  private FewRows() {}

  /** Whether a product is of this kind. */
  static boolean serves(GemmShape s) {
    return s.batch() == 1 && s.m() <= LIMIT && !s.transA() && s.transB();
  }

  static void multiply(
      ThreadTeam team,
      GemmShape s,
      float alpha,
      MemorySegment a,
      MemorySegment b,
      float beta,
      MemorySegment c) {
    Partition blocks = WeightRows.partition(s.n(), s.ldb() * Float.BYTES);
    team.run(
        blocks.blocks(),
        (block, worker) -> {
          float[] sums = team.floats(worker, WeightRows.GROUP);
          long hi = blocks.hi(block);
          for (long j = blocks.lo(block); j < hi; j += WeightRows.GROUP) {
            for (int i = 0; i < s.m(); i++) {
              dots(a, i * s.lda(), b, j, s.ldb(), Math.min(j + 4, hi) - 1, s.k(), sums);
              store(c, i * s.ldc() + j, (int) Math.min(4, hi - j), alpha, sums, beta);
            }
          }
        });
  }

  /**
   * The dot products of {@code k} elements of {@code x} with four rows of {@code w}, beginning with
   * row {@code j}; rows beyond {@code last} are replaced by it.
   */
  static void dots(
      MemorySegment x, long from, MemorySegment w, long j, long ld, long last, int k, float[] out) {
    long bytes = (long) k * Float.BYTES;
    four(
        x.asSlice(from * Float.BYTES, bytes),
        row(w, j, ld, bytes),
        row(w, Math.min(j + 1, last), ld, bytes),
        row(w, Math.min(j + 2, last), ld, bytes),
        row(w, Math.min(j + 3, last), ld, bytes),
        k * Float.BYTES,
        out);
  }

  private static MemorySegment row(MemorySegment w, long j, long ld, long bytes) {
    return w.asSlice(j * ld * Float.BYTES, bytes);
  }

  // Slices of the very length and one int offset for all of them: then no bounds are checked in the
  // loop. Fewer instructions per byte let the processor have more of them in flight.
  private static void four(
      MemorySegment x,
      MemorySegment w0,
      MemorySegment w1,
      MemorySegment w2,
      MemorySegment w3,
      int bytes,
      float[] out) {
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector s2 = FloatVector.zero(F);
    FloatVector s3 = FloatVector.zero(F);
    int at = 0;
    for (; at <= bytes - BYTES; at += BYTES) {
      FloatVector u = fromMemorySegment(F, x, at, ORDER);
      s0 = fromMemorySegment(F, w0, at, ORDER).fma(u, s0);
      s1 = fromMemorySegment(F, w1, at, ORDER).fma(u, s1);
      s2 = fromMemorySegment(F, w2, at, ORDER).fma(u, s2);
      s3 = fromMemorySegment(F, w3, at, ORDER).fma(u, s3);
    }
    if (at < bytes) {
      VectorMask<Float> rest = F.indexInRange(at / Float.BYTES, bytes / Float.BYTES);
      FloatVector u = fromMemorySegment(F, x, at, ORDER, rest);
      s0 = fromMemorySegment(F, w0, at, ORDER, rest).fma(u, s0);
      s1 = fromMemorySegment(F, w1, at, ORDER, rest).fma(u, s1);
      s2 = fromMemorySegment(F, w2, at, ORDER, rest).fma(u, s2);
      s3 = fromMemorySegment(F, w3, at, ORDER, rest).fma(u, s3);
    }
    out[0] = Lanes.sum(s0);
    out[1] = Lanes.sum(s1);
    out[2] = Lanes.sum(s2);
    out[3] = Lanes.sum(s3);
  }

  private static void store(
      MemorySegment c, long at, int count, float alpha, float[] sums, float beta) {
    for (int j = 0; j < count; j++) {
      float scaled = alpha * sums[j];
      float value = beta == 0 ? scaled : Math.fma(beta, c.getAtIndex(JAVA_FLOAT, at + j), scaled);
      c.setAtIndex(JAVA_FLOAT, at + j, value);
    }
  }
}
