package birkhoff.transformer.data;

import birkhoff.transformer.error.DataException;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.BitSet;
import java.util.HexFormat;

/**
 * What one pass over a text finds.
 *
 * @param characters its set of code points
 * @param length number of code points
 * @param utf8Bytes number of bytes
 * @param sha256 of the raw bytes of all documents, in hexadecimal
 */
public record TextScan(BitSet characters, long length, long utf8Bytes, String sha256) {
  /** Share of the characters that train; the rest validates. */
  private static final double TRAIN_SHARE = 0.9;

  /**
   * Reads the whole text once, in constant memory.
   *
   * @throws DataException when the text is empty or not UTF-8
   */
  public static TextScan of(TextSource source) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    var characters = new BitSet();
    long[] counts = new long[2];
    Utf8Chunks.read(
        source,
        digest,
        chunk -> {
          for (int i = 0; i < chunk.length(); counts[0]++) {
            int codePoint = chunk.codePointAt(i);
            characters.set(codePoint);
            counts[1] += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
            i += Character.charCount(codePoint);
          }
        });
    if (counts[0] < 2) {
      throw new DataException(
          source.name()
              + (counts[0] == 0
                  ? " is empty"
                  : " has one character; it takes two to train on one and validate on the other"));
    }
    return new TextScan(
        characters, counts[0], counts[1], HexFormat.of().formatHex(digest.digest()));
  }

  /** Number of leading characters that train, as nanoGPT cuts them. */
  public long trainLength() {
    return (long) ((double) length * TRAIN_SHARE);
  }
}
