package birkhoff.engine.primitive;

import birkhoff.engine.parallel.Partition;
import birkhoff.engine.tensor.Layout;
import birkhoff.engine.tensor.Shape;
import java.util.Arrays;

/**
 * Walks one or two strided operands of the same (broadcast) shape beside a contiguous result, in
 * runs along the innermost dimension. Dimensions that lie behind one another in every operand are
 * merged first, so that contiguous operands make a single run.
 */
public final class Strided {
  private final long[] sizes;
  private final long[] strideA;
  private final long[] strideB;
  private final long inner;
  private final long outer;

  /** One run: positions of its first elements and its length. */
  @FunctionalInterface
  public interface Run {
    void run(long a, long b, long out, long n);
  }

  /** Both layouts must already have the same shape. Positions are relative to their offsets. */
  public Strided(Layout a, Layout b) {
    Shape shape = a.shape();
    int rank = shape.rank();
    long[] n = new long[Math.max(1, rank)];
    long[] sa = new long[n.length];
    long[] sb = new long[n.length];
    int used = -1;
    for (int i = 0; i < rank; i++) {
      long size = shape.size(i);
      if (size == 1) {
        continue;
      }
      if (used >= 0 && sa[used] == a.stride(i) * size && sb[used] == b.stride(i) * size) {
        n[used] *= size;
      } else {
        used++;
        n[used] = size;
      }
      sa[used] = a.stride(i);
      sb[used] = b.stride(i);
    }
    if (used < 0) {
      used = 0;
      n[0] = shape.count();
    }
    sizes = Arrays.copyOf(n, used + 1);
    strideA = Arrays.copyOf(sa, used + 1);
    strideB = Arrays.copyOf(sb, used + 1);
    inner = sizes[used];
    outer = shape.count() == 0 ? 0 : shape.count() / inner;
  }

  public long incrementA() {
    return strideA[strideA.length - 1];
  }

  public long incrementB() {
    return strideB[strideB.length - 1];
  }

  /** Runs in parallel over fixed blocks; every run writes its own part of the result. */
  public void forEach(Execution x, Run run) {
    if (outer == 1) {
      x.parallel(
          Partition.elements(inner),
          (lo, hi, w) -> run.run(lo * incrementA(), lo * incrementB(), lo, hi - lo));
      return;
    }
    x.parallel(
        Partition.rows(outer, inner),
        (lo, hi, w) -> {
          for (long row = lo; row < hi; row++) {
            long a = 0;
            long b = 0;
            long rest = row;
            for (int d = sizes.length - 2; d >= 0; d--) {
              long i = rest % sizes[d];
              rest /= sizes[d];
              a += i * strideA[d];
              b += i * strideB[d];
            }
            run.run(a, b, row * inner, inner);
          }
        });
  }
}
