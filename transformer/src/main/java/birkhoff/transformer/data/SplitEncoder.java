package birkhoff.transformer.data;

import birkhoff.transformer.tokenizer.Tokenizer;
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
    Utf8Chunks.read(
        source,
        null,
        chunk -> {
          long length = chunk.codePointCount(0, chunk.length());
          long left = Math.clamp(trainLength - position[0], 0, length);
          int cut = chunk.offsetByCodePoints(0, (int) left);
          if (cut > 0) {
            train.accept(tokenizer.encode(chunk.substring(0, cut)));
          }
          if (cut < chunk.length()) {
            val.accept(tokenizer.encode(chunk.substring(cut)));
          }
          position[0] += length;
        });
  }
}
