package birkhoff.transformer.data;

import birkhoff.transformer.error.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Decodes a text strictly and in constant memory. Documents are joined by a line feed; chunks never
 * split a character.
 */
final class Utf8Chunks {
  private static final int CHUNK = 1 << 16;

  private Utf8Chunks() {}

  /** Receives pieces of the text, in order. */
  interface Consumer {
    void accept(String chunk) throws IOException;
  }

  /**
   * Reads a text from start to end.
   *
   * @param digest is updated with the raw bytes of all documents; may be null
   * @throws DataException for bytes that are not UTF-8, naming the document and the offset
   */
  static void read(TextSource source, MessageDigest digest, Consumer consumer) throws IOException {
    boolean first = true;
    for (TextSource.Document document : source.documents()) {
      if (!first) {
        consumer.accept("\n");
      }
      first = false;
      try (InputStream in = document.open()) {
        decode(document.name(), in, digest, consumer);
      }
    }
  }

  private static void decode(String name, InputStream in, MessageDigest digest, Consumer consumer)
      throws IOException {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK);
    CharBuffer chars = CharBuffer.allocate(CHUNK);
    long consumed = 0;
    boolean end = false;
    while (!end) {
      int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
      end = count < 0;
      if (!end) {
        if (digest != null) {
          digest.update(bytes.array(), bytes.position(), count);
        }
        bytes.position(bytes.position() + count);
      }
      bytes.flip();
      CoderResult result = decoder.decode(bytes, chars, end);
      consumed += bytes.position();
      if (result.isError()) {
        throw new DataException(
            name
                + ": byte "
                + consumed
                + " is not valid UTF-8; convert the text, for example with iconv -t UTF-8");
      }
      bytes.compact();
      chars.flip();
      if (chars.hasRemaining()) {
        consumer.accept(chars.toString());
      }
      chars.clear();
    }
  }
}
