package birkhoff.engine.kernel;

import java.lang.foreign.MemorySegment;

/** Losses over rows of logits. */
public interface Loss {
  /**
   * Softmax cross-entropy of rows {@code [lo, hi)} of {@code logits[rows, vocab]}: {@code
   * rowLoss[r] = logsumexp(row) - row[target[r]]} in nats. When {@code gradient}, the row is
   * overwritten by {@code gradScale·(softmax(row) - onehot(target))}.
   *
   * @param targets INT32 class ids, already checked to be below {@code vocab}
   */
  void crossEntropy(
      MemorySegment logits,
      int vocab,
      MemorySegment targets,
      MemorySegment rowLoss,
      boolean gradient,
      double gradScale,
      long lo,
      long hi);
}
