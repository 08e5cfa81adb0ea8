package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.AttentionTiles.ROW;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;

import birkhoff.engine.kernel.Attention.AttentionShape;
import birkhoff.engine.rng.DropoutMask;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The softmax and its vjp on a strip of the transposed attention matrix: a row per key, a lane per
 * query, so that sums over keys need no horizontal step. The strip's first query is token {@code
 * start}; key j is seen by the queries from token j on. Each call serves the queries {@code [lane,
 * lane + LENGTH)}. Offsets are in bytes.
 */
final class AttentionStrip {
  private AttentionStrip() {}

  /**
   * Turns raw scores into weights without their denominator, zero where the query is before the
   * key; writes each query's denominator and the shift that was added to its scaled scores.
   */
  static void softmax(
      MemorySegment s,
      long strip,
      int lane,
      int start,
      int keys,
      float scale,
      long sums,
      long shifts) {
    long column = strip + lane * 4L;
    int end = Math.min(keys, start + lane + LENGTH);
    hideLaterKeys(s, column, start + lane, end);
    FloatVector max = max(s, column, end);
    FloatVector factor = FloatVector.broadcast(F, scale);
    FloatVector shift = max.mul(-scale);
    FloatVector sum = FloatVector.zero(F);
    for (int j = 0; j < end; j++) {
      FloatVector score = FloatVector.fromMemorySegment(F, s, column + j * ROW, ORDER);
      FloatVector weight = FastMath.expNonPositive(score.fma(factor, shift));
      sum = weight.add(sum);
      weight.intoMemorySegment(s, column + j * ROW, ORDER);
    }
    zero(s, column, end);
    sum.intoMemorySegment(s, sums + lane * 4L, ORDER);
    shift.intoMemorySegment(s, shifts + lane * 4L, ORDER);
  }

  /**
   * Turns {@code count} denominators into their inverses and the shifts into the logarithms of the
   * denominators that had not been shifted. Too few numbers to be worth a vector function.
   */
  static void denominators(MemorySegment s, long sums, long shifts, int count) {
    for (int i = 0; i < count; i++) {
      float sum = s.get(ValueLayout.JAVA_FLOAT, sums + i * 4L);
      float shift = s.get(ValueLayout.JAVA_FLOAT, shifts + i * 4L);
      s.set(ValueLayout.JAVA_FLOAT, sums + i * 4L, 1 / sum);
      s.set(ValueLayout.JAVA_FLOAT, shifts + i * 4L, (float) (Math.log(sum) - shift));
    }
  }

  /** Largest of rows {@code [0, n)}, n > 0. */
  private static FloatVector max(MemorySegment s, long column, int n) {
    FloatVector m0 = FloatVector.fromMemorySegment(F, s, column, ORDER);
    FloatVector m1 = m0;
    int j = 1;
    for (; j + 1 < n; j += 2) {
      m0 = FloatVector.fromMemorySegment(F, s, column + j * ROW, ORDER).max(m0);
      m1 = FloatVector.fromMemorySegment(F, s, column + j * ROW + ROW, ORDER).max(m1);
    }
    if (j < n) {
      m0 = FloatVector.fromMemorySegment(F, s, column + j * ROW, ORDER).max(m0);
    }
    return m0.max(m1);
  }

  /**
   * Turns raw scores into weights P and their gradients dP in {@code gstrip} into those of the
   * scaled scores, {@code P∘(dP - Σ P∘dP)}.
   *
   * @param logSum the logarithms of the denominators
   */
  static void softmaxVjp(
      MemorySegment s,
      long strip,
      long gstrip,
      int lane,
      int start,
      int keys,
      float scale,
      long logSum) {
    long column = strip + lane * 4L;
    long gcolumn = gstrip + lane * 4L;
    int end = Math.min(keys, start + lane + LENGTH);
    hideLaterKeys(s, column, start + lane, end);
    FloatVector factor = FloatVector.broadcast(F, scale);
    FloatVector shift = FloatVector.fromMemorySegment(F, s, logSum + lane * 4L, ORDER).neg();
    FloatVector dot = FloatVector.zero(F);
    for (int j = 0; j < end; j++) {
      FloatVector score = FloatVector.fromMemorySegment(F, s, column + j * ROW, ORDER);
      FloatVector weight = FastMath.expNonPositive(score.fma(factor, shift));
      weight.intoMemorySegment(s, column + j * ROW, ORDER);
      dot = weight.fma(FloatVector.fromMemorySegment(F, s, gcolumn + j * ROW, ORDER), dot);
    }
    for (int j = 0; j < end; j++) {
      FloatVector weight = FloatVector.fromMemorySegment(F, s, column + j * ROW, ORDER);
      FloatVector gweight = FloatVector.fromMemorySegment(F, s, gcolumn + j * ROW, ORDER);
      weight.mul(gweight.sub(dot)).intoMemorySegment(s, gcolumn + j * ROW, ORDER);
    }
    zero(s, column, end);
    zero(s, gcolumn, end);
  }

  /** Puts -∞ where the query, {@code first} being lane 0's, is before the key. */
  private static void hideLaterKeys(MemorySegment s, long column, int first, int end) {
    for (int j = first + 1; j < end; j++) {
      FloatVector.fromMemorySegment(F, s, column + j * ROW, ORDER)
          .blend(Float.NEGATIVE_INFINITY, F.indexInRange(0, j - first))
          .intoMemorySegment(s, column + j * ROW, ORDER);
    }
  }

  /** Zeros in the rows from {@code end} to the end of its register block. */
  private static void zero(MemorySegment s, long column, int end) {
    for (int j = end; j < AttentionTiles.rows(end); j++) {
      FloatVector.zero(F).intoMemorySegment(s, column + j * ROW, ORDER);
    }
  }

  /** Writes which weights dropout keeps: for each key a long with a bit for each query. */
  static void keptBits(
      AttentionShape shape, MemorySegment s, long kept, int block, int start, int keys) {
    long threshold = DropoutMask.threshold(shape.dropout());
    for (int j = 0; j < keys; j++) {
      long group = (shape.maskIndex(block, j) + start) / DropoutMask.GROUP;
      s.set(ValueLayout.JAVA_LONG, kept + j * 8L, DropoutBits.kept(shape.key(), threshold, group));
    }
  }

  /** Multiplies what is kept by {@code scale} and the rest by zero. */
  static void drop(MemorySegment s, long strip, long kept, int keys, int columns, float scale) {
    for (int j = 0; j < keys; j++) {
      long bits = s.get(ValueLayout.JAVA_LONG, kept + j * 8L);
      for (int c = 0; c < columns; c += LENGTH) {
        long at = strip + j * ROW + c * 4L;
        FloatVector weight = FloatVector.fromMemorySegment(F, s, at, ORDER);
        FloatVector.zero(F)
            .blend(weight.mul(scale), VectorMask.fromLong(F, bits >>> c))
            .intoMemorySegment(s, at, ORDER);
      }
    }
  }
}
