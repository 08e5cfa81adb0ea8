package birkhoff.engine.op.reduce;

import birkhoff.engine.kernel.Elementwise;
import birkhoff.engine.kernel.Reduction;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Cell;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.Moves;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.function.DoubleConsumer;

/** Sums in orders that depend on shapes only. */
public final class Sums {
  private static final long COLUMN_BLOCKS = 16;
  private static final long LEAST_ROWS = 64;

  // Sums of so many columns stay in the first-level cache while the rows pass by.
  private static final long COLUMN_GRAIN = 1L << 12;

  private Sums() {}

  /**
   * Hands the sum of all elements of a contiguous tensor to {@code use}, which runs as a job: it
   * may write tensors' memory.
   */
  public static void all(Execution x, Tensor t, DoubleConsumer use) {
    Reduction k = x.kernels().reduction(t.dtype());
    Partition p = Partition.elements(t.count());
    MemorySegment memory = t.data();
    double[] partial = new double[p.blocks()];
    x.team().run(p.blocks(), (b, w) -> partial[b] = k.sum(memory, p.lo(b), p.hi(b)));
    x.serial(() -> {
      double total = 0;
      for (double v : partial) {
        total += v;
      }
      use.accept(total);
    });
  }

  /**
   * Adds the rows of contiguous {@code x[rows, cols]} into {@code out[cols]} (over it unless {@code
   * accumulate}).
   */
  public static void columns(
      Execution x, Tensor in, long rows, long cols, MemorySegment out, boolean accumulate) {
    Reduction k = x.kernels().reduction(in.dtype());
    Partition p = columnPartition(rows);
    if (p.blocks() <= 1) {
      addRows(x, in, Math.toIntExact(rows), cols, 0, cols, out, accumulate);
      return;
    }
    Tensor partial = x.allocate(TensorSpec.of(Shape.of(p.blocks(), cols), in.dtype()));
    MemorySegment from = in.data();
    MemorySegment sums = partial.data();
    x.team()
        .run(
            p.blocks(),
            (b, w) -> k.columnSums(from, cols, sums, b * cols, false, p.lo(b), p.hi(b)));
    addRows(x, partial, p.blocks(), cols, 0, cols, out, accumulate);
    Execution.release(partial);
  }

  /** How {@link #columns} and the parameter gradients of norms cut their rows. */
  public static Partition columnPartition(long rows) {
    return new Partition(rows, Math.max(LEAST_ROWS, (rows + COLUMN_BLOCKS - 1) / COLUMN_BLOCKS));
  }

  /**
   * Adds columns {@code [from, from+cols)} of the {@code blocks} rows of {@code partial[blocks,
   * width]}, in row order, into {@code out}.
   */
  public static void addRows(
      Execution x,
      Tensor partial,
      int blocks,
      long width,
      long from,
      long cols,
      MemorySegment out,
      boolean accumulate) {
    Elementwise k = x.kernels().elementwise(partial.dtype());
    int bytes = partial.dtype().bytes();
    MemorySegment[] rows = new MemorySegment[blocks];
    for (int b = 0; b < blocks; b++) {
      rows[b] = partial.data().asSlice((b * width + from) * bytes, cols * bytes);
    }
    x.parallel(
        new Partition(cols, COLUMN_GRAIN),
        (lo, hi, w) -> {
          if (rows.length == 0 && !accumulate) {
            k.fill(0, out, lo, hi);
          }
          for (int b = 0; b < rows.length; b++) {
            k.axpby(1, rows[b], b == 0 && !accumulate ? 0 : 1, out, lo, hi);
          }
        });
  }

  /** Sums the broadcast dimensions of contiguous {@code g} into a target of the smaller shape. */
  public static void reduceTo(Execution x, Tensor g, Cotangents.Target target) {
    Tensor t = target.tensor();
    int lead = g.shape().rank() - t.shape().rank();
    boolean[] reduced = new boolean[g.shape().rank()];
    for (int i = 0; i < reduced.length; i++) {
      reduced[i] = i < lead || (t.shape().size(i - lead) == 1 && g.shape().size(i) != 1);
    }
    sum(x, g, reduced, target);
  }

  /** Sums contiguous {@code g} over the flagged dimensions into {@code target}. */
  static void sum(Execution x, Tensor g, boolean[] reduced, Cotangents.Target target) {
    long rows = 1;
    long cols = 1;
    boolean leading = true;
    boolean keptSeen = false;
    for (int i = 0; i < reduced.length; i++) {
      if (reduced[i]) {
        rows *= g.shape().size(i);
        leading &= !keptSeen || g.shape().size(i) == 1;
      } else {
        cols *= g.shape().size(i);
        keptSeen |= g.shape().size(i) != 1;
      }
    }
    if (cols == 0) {
      return;
    }
    if (rows == 0) {
      if (!target.accumulate()) {
        x.fill(target.tensor(), 0);
      }
    } else if (rows == 1) {
      x.add(g, target.beta(), target.tensor());
    } else if (cols == 1) {
      Cell sum = Cell.of(target.tensor());
      all(x, g, total -> sum.set(total + (target.accumulate() ? sum.get() : 0)));
    } else if (leading) {
      columns(x, g, rows, cols, target.tensor().data(), target.accumulate());
    } else {
      byRows(x, g, reduced, rows, cols, target);
    }
  }

  private static void byRows(
      Execution x, Tensor g, boolean[] reduced, long rows, long cols, Cotangents.Target target) {
    Tensor view = keptFirst(g, reduced);
    Tensor ordered = g;
    if (!view.isContiguous()) {
      ordered = x.allocate(TensorSpec.of(Shape.of(cols, rows), g.dtype()));
      Moves.copy(x, view, ordered);
    }
    MemorySegment in = ordered.data();
    Tensor sums = x.allocate(TensorSpec.of(Shape.of(cols), g.dtype()));
    var r = x.kernels().reduction(g.dtype());
    MemorySegment out = sums.data();
    x.parallel(Partition.rows(cols, rows), (lo, hi, w) -> r.rowSums(in, rows, out, lo, hi));
    x.add(sums, target.beta(), target.tensor());
    if (!view.isContiguous()) {
      Execution.release(ordered);
    }
    Execution.release(sums);
  }

  /** Bubbles the kept dimensions in front of the reduced ones, each group in its order. */
  private static Tensor keptFirst(Tensor g, boolean[] reduced) {
    Tensor t = g;
    boolean[] flag = reduced.clone();
    for (int pass = 0; pass < flag.length; pass++) {
      for (int i = 0; i + 1 < flag.length; i++) {
        if (flag[i] && !flag[i + 1]) {
          t = t.transpose(i, i + 1);
          flag[i] = false;
          flag[i + 1] = true;
        }
      }
    }
    return t;
  }
}
