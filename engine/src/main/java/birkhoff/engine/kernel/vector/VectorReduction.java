package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.load;
import static birkhoff.engine.kernel.vector.Lanes.store;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import birkhoff.engine.kernel.Reduction;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Float32 sums; see {@link Rows} for their order. */
public final class VectorReduction implements Reduction {
  /** Columns that {@link #columnSums} keeps in registers while it walks down the rows. */
  private static final int TILE = 4 * LENGTH;

  /** Rows that it reads side by side from front to back: as many streams as are fetched ahead. */
  private static final int ROWS = 8;

  public VectorReduction() {}

  @Override
  public double sum(MemorySegment x, long lo, long hi) {
    return Rows.sum(x, lo, hi - lo);
  }

  @Override
  public double sumSquares(MemorySegment x, long lo, long hi) {
    return Rows.dot(x, lo, x, lo, hi - lo);
  }

  @Override
  public double dot(MemorySegment x, MemorySegment y, long lo, long hi) {
    return Rows.dot(x, lo, y, lo, hi - lo);
  }

  @Override
  public double max(MemorySegment x, long lo, long hi) {
    return Rows.max(x, lo, hi - lo);
  }

  @Override
  public void rowSums(MemorySegment x, long cols, MemorySegment out, long lo, long hi) {
    for (long r = lo; r < hi; r++) {
      out.setAtIndex(JAVA_FLOAT, r, (float) Rows.sum(x, r * cols, cols));
    }
  }

  @Override
  public void rowMax(MemorySegment x, long cols, MemorySegment out, long lo, long hi) {
    for (long r = lo; r < hi; r++) {
      out.setAtIndex(JAVA_FLOAT, r, Rows.max(x, r * cols, cols));
    }
  }

  @Override
  public void columnSums(
      MemorySegment x,
      long cols,
      MemorySegment out,
      long outOff,
      boolean accumulate,
      long lo,
      long hi) {
    if (!accumulate) {
      zero(out, outOff, cols);
    }
    for (long r = lo; r < hi; r += ROWS) {
      long end = Math.min(hi, r + ROWS);
      long c = 0;
      for (; c <= cols - TILE; c += TILE) {
        addTile(x, cols, out, outOff, c, r, end);
      }
      for (; c < cols; c += LENGTH) {
        addVector(x, cols, out, outOff, c, r, end);
      }
    }
  }

  private static void addTile(
      MemorySegment x, long cols, MemorySegment out, long outOff, long c, long lo, long hi) {
    FloatVector s0 = load(out, outOff + c);
    FloatVector s1 = load(out, outOff + c + LENGTH);
    FloatVector s2 = load(out, outOff + c + 2L * LENGTH);
    FloatVector s3 = load(out, outOff + c + 3L * LENGTH);
    for (long r = lo; r < hi; r++) {
      long i = r * cols + c;
      s0 = load(x, i).add(s0);
      s1 = load(x, i + LENGTH).add(s1);
      s2 = load(x, i + 2L * LENGTH).add(s2);
      s3 = load(x, i + 3L * LENGTH).add(s3);
    }
    store(s0, out, outOff + c);
    store(s1, out, outOff + c + LENGTH);
    store(s2, out, outOff + c + 2L * LENGTH);
    store(s3, out, outOff + c + 3L * LENGTH);
  }

  private static void addVector(
      MemorySegment x, long cols, MemorySegment out, long outOff, long c, long lo, long hi) {
    VectorMask<Float> lanes = Lanes.first(cols - c);
    FloatVector s = load(out, outOff + c, lanes);
    for (long r = lo; r < hi; r++) {
      s = load(x, r * cols + c, lanes).add(s);
    }
    store(s, out, outOff + c, lanes);
  }

  /** {@code s[from, from+n) = 0}; called too seldom to be compiled soon, so without vectors. */
  static void zero(MemorySegment s, long from, long n) {
    for (long i = 0; i < n; i++) {
      s.setAtIndex(JAVA_FLOAT, from + i, 0);
    }
  }
}
