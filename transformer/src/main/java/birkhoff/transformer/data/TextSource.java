package birkhoff.transformer.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

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

  /** One UTF-8 document. */
  public interface Document {
    /** How messages call it. */
    String name();

    /** The bytes, from the start; the caller closes the stream. */
    InputStream open() throws IOException;
  }
}
