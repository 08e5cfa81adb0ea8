package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.Loss;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Cross-entropy in double. */
public final class ScalarLoss implements Loss {
  private final Elements e;

  public ScalarLoss(DType dtype) {
    this.e = new Elements(dtype);
  }

  @Override
  public void crossEntropy(
      MemorySegment logits,
      int vocab,
      MemorySegment targets,
      MemorySegment rowLoss,
      boolean gradient,
      double gradScale,
      long lo,
      long hi) {
    for (long r = lo; r < hi; r++) {
      long row = r * vocab;
      double max = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < vocab; c++) {
        max = Math.max(max, e.get(logits, row + c));
      }
      double sum = 0;
      for (int c = 0; c < vocab; c++) {
        sum += Math.exp(e.get(logits, row + c) - max);
      }
      int target = Elements.id(targets, r);
      e.set(rowLoss, r, Math.log(sum) + max - e.get(logits, row + target));
      for (int c = 0; gradient && c < vocab; c++) {
        double p = Math.exp(e.get(logits, row + c) - max) / sum;
        e.set(logits, row + c, gradScale * (c == target ? p - 1 : p));
      }
    }
  }
}
