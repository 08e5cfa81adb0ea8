package birkhoff.transformer.data;

import birkhoff.transformer.tokenizer.TrainingText;
import java.io.IOException;
import java.util.BitSet;

/**
 * A text as tokenizers see it.
 *
 * @param begin called before it is read
 */
record SourceText(TextSource source, TextScan scan, Runnable begin) implements TrainingText {
  @Override
  public BitSet characters() {
    return scan.characters();
  }

  @Override
  public void read(Receiver receiver) throws IOException {
    begin.run();
    Utf8Chunks.read(source, null, receiver::accept);
  }
}
