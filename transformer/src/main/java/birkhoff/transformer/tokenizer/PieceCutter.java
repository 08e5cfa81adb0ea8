package birkhoff.transformer.tokenizer;

import java.io.IOException;
import java.util.function.ToIntFunction;

/** Cuts a text that arrives in pieces only where its parts can be encoded apart. */
public final class PieceCutter {
  /** Characters without such a place after which it is cut all the same. */
  private static final int MOST = 1 << 20;

  private final ToIntFunction<CharSequence> separable;
  private final StringBuilder held = new StringBuilder();

  /**
   * Begins a text.
   *
   * @param separable as {@link Tokenizer#separable}
   */
  public PieceCutter(ToIntFunction<CharSequence> separable) {
    this.separable = separable;
  }

  /** Takes a piece, which splits no character, and hands on what can be encoded. */
  public void accept(String piece, TrainingText.Receiver receiver) throws IOException {
    held.append(piece);
    int end = separable.applyAsInt(held);
    if (end == 0 && held.length() > MOST) {
      end = held.length();
    }
    if (end > 0) {
      receiver.accept(held.substring(0, end));
      held.delete(0, end);
    }
  }

  /** Hands on what is left at the end of the text. */
  public void finish(TrainingText.Receiver receiver) throws IOException {
    if (!held.isEmpty()) {
      receiver.accept(held.toString());
      held.setLength(0);
    }
  }
}
