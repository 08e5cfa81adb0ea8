package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.MANY_REGISTERS;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.WeightRows;
import birkhoff.engine.parallel.ThreadTeam;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * {@code C = α·A·Bᵀ + β·C} for a few rows of A, where reading B takes the time: B is read once,
 * where it lies, {@link #ROWS} rows at a time, and stays in the first cache for the other rows of
 * A. The sum over k is one per lane, then a fixed tree, then what fills no vector; it does not
 * depend on the number of rows of A.
 */
final class FewRows {
  /** From here on packing B pays. */
  static final int LIMIT = 4;

  /**
   * Rows of B at a time. Two streams for each thread read fastest on a Zen 5, whose 512-bit vectors
   * halve the work for a row, four with 256-bit vectors on a Zen 3.
   */
  static final int ROWS = MANY_REGISTERS ? 2 : 4;

  private static final int TWO = 2 * BYTES;

  /** Length of the array that {@link #dots} needs. */
  static final int SUMS = ROWS * LENGTH;

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
    var cut = WeightRows.of(s.n(), s.ldb() * Float.BYTES, team.size());
    team.run(
        cut.pieces(),
        (piece, worker) -> {
          float[] sums = team.floats(worker, SUMS);
          long hi = cut.hi(piece);
          long lo = cut.lo(piece);
          long apart = WeightRows.apart(lo, hi, ROWS);
          for (long j = lo; j < lo + apart; j++) {
            for (int i = 0; i < s.m(); i++) {
              dots(a, i * s.lda(), b, j, apart, s.ldb(), hi - 1, s.k(), sums);
              store(c, i * s.ldc() + j, apart, i * s.ldc() + hi, alpha, sums, beta);
            }
          }
        });
  }

  /**
   * The part of {@link #dots} that fills whole vectors, for two rows: its sums lane by lane, and
   * how many elements of k it took.
   *
   * <p>Slices of the very length and one int offset for all of them: then the loop checks no
   * bounds. Fewer instructions per byte let the processor have more bytes on their way. Slices that
   * crossed a call would be allocated, and a longer method would end C2's patience with inlining.
   */
  private static int lanes2(
      MemorySegment all,
      long from,
      MemorySegment matrix,
      long j,
      long apart,
      long ld,
      long last,
      int k,
      float[] out) {
    int bytes = k * Float.BYTES;
    long pitch = ld * Float.BYTES;
    MemorySegment x = all.asSlice(from * Float.BYTES, bytes);
    MemorySegment w0 = matrix.asSlice(j * pitch, bytes);
    MemorySegment w1 = matrix.asSlice(Math.min(j + apart, last) * pitch, bytes);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector t0 = FloatVector.zero(F);
    FloatVector t1 = FloatVector.zero(F);
    int at = 0;
    for (; at <= bytes - TWO; at += TWO) {
      FloatVector u = fromMemorySegment(F, x, at, ORDER);
      FloatVector v = fromMemorySegment(F, x, at + BYTES, ORDER);
      s0 = fromMemorySegment(F, w0, at, ORDER).fma(u, s0);
      t0 = fromMemorySegment(F, w0, at + BYTES, ORDER).fma(v, t0);
      s1 = fromMemorySegment(F, w1, at, ORDER).fma(u, s1);
      t1 = fromMemorySegment(F, w1, at + BYTES, ORDER).fma(v, t1);
    }
    if (at <= bytes - BYTES) {
      FloatVector u = fromMemorySegment(F, x, at, ORDER);
      s0 = fromMemorySegment(F, w0, at, ORDER).fma(u, s0);
      s1 = fromMemorySegment(F, w1, at, ORDER).fma(u, s1);
      at += BYTES;
    }
    s0.add(t0).intoArray(out, 0);
    s1.add(t1).intoArray(out, LENGTH);
    return at / Float.BYTES;
  }

  /** The same of four rows. */
  private static int lanes4(
      MemorySegment all,
      long from,
      MemorySegment matrix,
      long j,
      long apart,
      long ld,
      long last,
      int k,
      float[] out) {
    int bytes = k * Float.BYTES;
    long pitch = ld * Float.BYTES;
    MemorySegment x = all.asSlice(from * Float.BYTES, bytes);
    MemorySegment w0 = matrix.asSlice(j * pitch, bytes);
    MemorySegment w1 = matrix.asSlice(Math.min(j + apart, last) * pitch, bytes);
    MemorySegment w2 = matrix.asSlice(Math.min(j + 2 * apart, last) * pitch, bytes);
    MemorySegment w3 = matrix.asSlice(Math.min(j + 3 * apart, last) * pitch, bytes);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector s2 = FloatVector.zero(F);
    FloatVector s3 = FloatVector.zero(F);
    FloatVector t0 = FloatVector.zero(F);
    FloatVector t1 = FloatVector.zero(F);
    FloatVector t2 = FloatVector.zero(F);
    FloatVector t3 = FloatVector.zero(F);
    int at = 0;
    for (; at <= bytes - TWO; at += TWO) {
      FloatVector u = fromMemorySegment(F, x, at, ORDER);
      FloatVector v = fromMemorySegment(F, x, at + BYTES, ORDER);
      s0 = fromMemorySegment(F, w0, at, ORDER).fma(u, s0);
      t0 = fromMemorySegment(F, w0, at + BYTES, ORDER).fma(v, t0);
      s1 = fromMemorySegment(F, w1, at, ORDER).fma(u, s1);
      t1 = fromMemorySegment(F, w1, at + BYTES, ORDER).fma(v, t1);
      s2 = fromMemorySegment(F, w2, at, ORDER).fma(u, s2);
      t2 = fromMemorySegment(F, w2, at + BYTES, ORDER).fma(v, t2);
      s3 = fromMemorySegment(F, w3, at, ORDER).fma(u, s3);
      t3 = fromMemorySegment(F, w3, at + BYTES, ORDER).fma(v, t3);
    }
    if (at <= bytes - BYTES) {
      FloatVector u = fromMemorySegment(F, x, at, ORDER);
      s0 = fromMemorySegment(F, w0, at, ORDER).fma(u, s0);
      s1 = fromMemorySegment(F, w1, at, ORDER).fma(u, s1);
      s2 = fromMemorySegment(F, w2, at, ORDER).fma(u, s2);
      s3 = fromMemorySegment(F, w3, at, ORDER).fma(u, s3);
      at += BYTES;
    }
    s0.add(t0).intoArray(out, 0);
    s1.add(t1).intoArray(out, LENGTH);
    s2.add(t2).intoArray(out, 2 * LENGTH);
    s3.add(t3).intoArray(out, 3 * LENGTH);
    return at / Float.BYTES;
  }

  /**
   * The dot products of {@code k} elements of {@code x} from {@code from} on with {@link #ROWS}
   * rows of {@code w}, {@code apart} from each other and beginning with row {@code j}, to the start
   * of {@code sums}; rows beyond {@code last} are replaced by it.
   *
   * @param sums of length {@link #SUMS} at least
   */
  static void dots(
      MemorySegment x,
      long from,
      MemorySegment w,
      long j,
      long apart,
      long ld,
      long last,
      int k,
      float[] sums) {
    int done =
        ROWS == 2
            ? lanes2(x, from, w, j, apart, ld, last, k, sums)
            : lanes4(x, from, w, j, apart, ld, last, k, sums);
    for (int r = 0; r < ROWS; r++) {
      float sum = Lanes.sum(FloatVector.fromArray(F, sums, r * LENGTH));
      long row = Math.min(j + r * apart, last) * ld;
      for (int p = done; p < k; p++) {
        sum = Math.fma(w.getAtIndex(JAVA_FLOAT, row + p), x.getAtIndex(JAVA_FLOAT, from + p), sum);
      }
      sums[r] = sum;
    }
  }

  private static void store(
      MemorySegment c, long from, long apart, long end, float alpha, float[] sums, float beta) {
    long at = from;
    for (int r = 0; r < ROWS && at < end; r++, at += apart) {
      float scaled = alpha * sums[r];
      float value = beta == 0 ? scaled : Math.fma(beta, c.getAtIndex(JAVA_FLOAT, at), scaled);
      c.setAtIndex(JAVA_FLOAT, at, value);
    }
  }
}
