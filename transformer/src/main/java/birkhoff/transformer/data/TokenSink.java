package birkhoff.transformer.data;

import java.io.IOException;

/** Receives the tokens of one split, in order. */
interface TokenSink {
  void accept(int[] tokens) throws IOException;
}
