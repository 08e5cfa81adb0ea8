package birkhoff.transformer.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * A text that can be read several times, as documents in a fixed order.
 *
 * @param name how messages call it
 * @param documents at least one
 */
public record TextSource(String name, List<Document> documents) {
  /** Copies the list. */
  public TextSource {
    documents = List.copyOf(documents);
  }

  /** Number of bytes of all documents. */
  public long length() throws IOException {
    long bytes = 0;
    for (Document document : documents) {
      bytes += document.length();
    }
    return bytes;
  }

  /** The same text, which tells how many bytes were read, piece by piece. */
  TextSource watched(LongConsumer read) {
    return new TextSource(
        name, documents.stream().<Document>map(d -> new Watched(d, read)).toList());
  }

  private record Watched(Document document, LongConsumer read) implements Document {
    @Override
    public String name() {
      return document.name();
    }

    @Override
    public long length() throws IOException {
      return document.length();
    }

    @Override
    public InputStream open() throws IOException {
      return new FilterInputStream(document.open()) {
        @Override
        public int read() throws IOException {
          int b = super.read();
          read.accept(b < 0 ? 0 : 1);
          return b;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
          int count = super.read(to, offset, length);
          read.accept(Math.max(0, count));
          return count;
        }
      };
    }
  }

  /** One UTF-8 document. */
  public interface Document {
    /** How messages call it. */
    String name();

    /** Number of bytes. */
    long length() throws IOException;

    /** The bytes, from the start; the caller closes the stream. */
    InputStream open() throws IOException;
  }
}
