package birkhoff.engine.kernel.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import birkhoff.engine.kernel.Loss;
import java.lang.foreign.MemorySegment;

/** Float32 cross-entropy: a pass for the maximum, one for the exponentials, one to scale them. */
public final class VectorLoss implements Loss {
  public VectorLoss() {}

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
      long target = row + targets.getAtIndex(JAVA_INT, r);
      float max = Rows.largest(logits, row, vocab);
      double gap = max - (double) logits.getAtIndex(JAVA_FLOAT, target);
      double sum = Rows.exp(logits, gradient ? logits : null, row, vocab, max);
      rowLoss.setAtIndex(JAVA_FLOAT, r, (float) (StrictMath.log(sum) + gap));
      if (gradient) {
        double p = logits.getAtIndex(JAVA_FLOAT, target) / sum;
        Rows.scale(logits, row, vocab, (float) (gradScale / sum));
        logits.setAtIndex(JAVA_FLOAT, target, (float) (gradScale * (p - 1)));
      }
    }
  }
}
