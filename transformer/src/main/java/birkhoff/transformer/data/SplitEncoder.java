package birkhoff.transformer.data;

import birkhoff.transformer.tokenizer.PieceCutter;
import birkhoff.transformer.tokenizer.Tokenizer;
import birkhoff.transformer.tokenizer.TrainingText;
import java.io.IOException;

/** Encodes a text in constant memory: the first part to one sink, the rest to another. */
final class SplitEncoder {
  private SplitEncoder() {}

  /** Encodes all of the source; {@code scan} is what an earlier pass found. */
  static void encode(
      TextSource source, TextScan scan, Tokenizer tokenizer, TokenSink train, TokenSink val)
      throws IOException {
    long trainLength = scan.trainLength();
    long[] position = new long[1];
    var training = new PieceCutter(tokenizer::separable);
    var validating = new PieceCutter(tokenizer::separable);
    TrainingText.Receiver toTrain = piece -> train.accept(tokenizer.encode(piece));
    TrainingText.Receiver toVal = piece -> val.accept(tokenizer.encode(piece));
    Utf8Chunks.read(
        source,
        null,
        chunk -> {
          long length = chunk.codePointCount(0, chunk.length());
          long left = Math.clamp(trainLength - position[0], 0, length);
          int cut = chunk.offsetByCodePoints(0, (int) left);
          if (cut > 0) {
            training.accept(chunk.substring(0, cut), toTrain);
          }
          if (cut < chunk.length()) {
            training.finish(toTrain);
            validating.accept(chunk.substring(cut), toVal);
          }
          position[0] += length;
        });
    training.finish(toTrain);
    validating.finish(toVal);
  }
}
