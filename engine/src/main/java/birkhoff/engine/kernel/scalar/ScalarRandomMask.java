package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.RandomMask;
import birkhoff.engine.rng.DropoutMask;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Dropout, one element at a time. */
public final class ScalarRandomMask implements RandomMask {
  private final Elements e;

  public ScalarRandomMask(DType dtype) {
    this.e = new Elements(dtype);
  }

  @Override
  public void dropout(
      MemorySegment x, MemorySegment y, double p, long key, boolean accumulate, long lo, long hi) {
    long threshold = DropoutMask.threshold(p);
    int[] words = new int[4];
    for (long i = lo; i < hi; i++) {
      double kept = DropoutMask.kept(key, threshold, i, words) ? e.get(x, i) / (1 - p) : 0;
      e.put(y, i, kept, accumulate);
    }
  }
}
