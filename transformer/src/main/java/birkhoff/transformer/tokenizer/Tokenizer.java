package birkhoff.transformer.tokenizer;

import birkhoff.transformer.error.DataException;
import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A reversible map between text and token ids {@code 0 … vocabularySize() - 1}. Immutable. */
public interface Tokenizer {
  /** The kind, as {@code --tokenizer} names it. */
  String name();

  /** Number of token ids. */
  int vocabularySize();

  /**
   * Ids of a text.
   *
   * @throws DataException for a character outside the vocabulary, naming it and its position
   */
  int[] encode(String text);

  /**
   * How many of the first characters of a text give the same ids whatever follows them; 0 when none
   * are known to. Encoding may be cut there.
   */
  default int separable(CharSequence text) {
    return text.length();
  }

  /**
   * The UTF-8 bytes that a token stands for; a token may hold a part of a character.
   *
   * @throws IndexOutOfBoundsException for an id outside the vocabulary
   */
  byte[] bytes(int token);

  /** The contents of a Hugging Face {@code tokenizer.json} that gives the same ids. */
  ObjectNode tokenizerJson();

  /** All that {@link Tokenizers#fromJson} needs to rebuild this tokenizer. */
  ObjectNode toJson();

  /** The text of some tokens; incomplete characters become U+FFFD. */
  default String decode(int... tokens) {
    var utf8 = new ByteArrayOutputStream();
    for (int token : tokens) {
      utf8.writeBytes(bytes(token));
    }
    return utf8.toString(StandardCharsets.UTF_8);
  }

  /** Number of UTF-8 bytes per token, by id: turns nats per token into bits per byte. */
  default int[] byteLengths() {
    int[] lengths = new int[vocabularySize()];
    for (int token = 0; token < lengths.length; token++) {
      lengths[token] = bytes(token).length;
    }
    return lengths;
  }

  /** SHA-256 of the definition: equal for tokenizers that give equal ids. */
  default String hash() {
    try {
      byte[] definition = Json.line(toJson()).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(definition));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
