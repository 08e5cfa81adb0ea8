package birkhoff.transformer.data;

import birkhoff.transformer.tokenizer.TrainingText;
import java.io.IOException;
import java.util.BitSet;

/** A text as tokenizers see it. */
record SourceText(TextSource source, TextScan scan) implements TrainingText {
  @Override
  public BitSet characters() {
    return scan.characters();
  }

  @Override
  public void read(Receiver receiver) throws IOException {
    Utf8Chunks.read(source, null, receiver::accept);
  }
}
