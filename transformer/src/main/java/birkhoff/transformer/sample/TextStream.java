package birkhoff.transformer.sample;

import birkhoff.transformer.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * The text of drawn tokens up to the first stop string. Bytes are handed on as soon as they
 * certainly belong to it: a token may be a part of a character. One text; not thread-safe.
 */
public final class TextStream implements IntPredicate {
  private final Tokenizer tokenizer;
  private final StopStrings stop;
  private final Consumer<byte[]> receiver;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();

  /**
   * Begins a text.
   *
   * @param stop strings that end it, which do not belong to it
   * @param receiver of its UTF-8, piece by piece
   */
  public TextStream(Tokenizer tokenizer, List<String> stop, Consumer<byte[]> receiver) {
    this.tokenizer = tokenizer;
    this.stop = new StopStrings(stop);
    this.receiver = receiver;
  }

  /** Takes the next token and says whether another is wanted. */
  @Override
  public boolean test(int token) {
    write(stop.accept(tokenizer.bytes(token)));
    return !stop.met();
  }

  /** The whole text, when no token follows; incomplete characters become U+FFFD. */
  public String finish() {
    write(stop.rest());
    return text.toString(StandardCharsets.UTF_8);
  }

  /** Whether a stop string ended the text. */
  public boolean stopped() {
    return stop.met();
  }

  private void write(byte[] utf8) {
    if (utf8.length > 0) {
      text.writeBytes(utf8);
      receiver.accept(utf8);
    }
  }
}
