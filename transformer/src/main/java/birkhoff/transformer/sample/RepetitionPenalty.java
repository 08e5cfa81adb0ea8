package birkhoff.transformer.sample;

import java.util.BitSet;

/** Makes tokens less likely that are already in the text. One text; not thread-safe. */
public final class RepetitionPenalty {
  private final float penalty;
  private final BitSet seen = new BitSet();
  private int looked;

  /** Begins a text; 1 changes nothing. */
  public RepetitionPenalty(double penalty) {
    this.penalty = (float) penalty;
  }

  /**
   * Changes logits in place.
   *
   * @param text grows from call to call
   * @param length tokens of it that count
   */
  public void apply(float[] logits, int[] text, int length) {
    if (penalty == 1) {
      return;
    }
    for (; looked < length; looked++) {
      seen.set(text[looked]);
    }
    for (int id = seen.nextSetBit(0); id >= 0; id = seen.nextSetBit(id + 1)) {
      logits[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
    }
  }
}
