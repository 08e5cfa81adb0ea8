package birkhoff.transformer.tokenizer;

import java.io.IOException;
import java.util.BitSet;

/** A text that a tokenizer can be made for. */
public interface TrainingText {
  /** Receives pieces of the text in order; no character is split. */
  @FunctionalInterface
  interface Receiver {
    void accept(String piece) throws IOException;
  }

  /** Its set of code points. */
  BitSet characters();

  /** Reads it from start to end, in memory that does not grow with it. */
  void read(Receiver receiver) throws IOException;
}
