package birkhoff.transformer.tokenizer;

import birkhoff.transformer.error.DataException;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.function.Supplier;

/** The one place that knows which tokenizers there are. */
public final class Tokenizers {
  private static final List<String> NAMES = List.of(CharTokenizer.NAME, ByteTokenizer.NAME);

  private Tokenizers() {}

  /**
   * Checks a name before any text is read.
   *
   * @throws UsageException for a tokenizer that does not exist
   */
  public static void requireKnown(String name) {
    if (!NAMES.contains(name)) {
      throw new UsageException(
          "tokenizer='" + name + "' does not exist in this version; there are char and byte");
    }
  }

  /**
   * The tokenizer of that name for a text.
   *
   * @param characters gives the characters of the text; called only when the kind needs them
   * @throws UsageException for a tokenizer that does not exist
   */
  public static Tokenizer forText(String name, Supplier<BitSet> characters) {
    requireKnown(name);
    return switch (name) {
      case CharTokenizer.NAME -> new CharTokenizer(characters.get());
      default -> new ByteTokenizer();
    };
  }

  /**
   * Rebuilds a tokenizer from what {@link Tokenizer#toJson} gave.
   *
   * @param file named in messages
   * @throws DataException when the definition is incomplete or of an unknown kind
   */
  public static Tokenizer fromJson(Path file, JsonNode json) {
    String type = Json.string(file, json, "type");
    return switch (type) {
      case ByteTokenizer.NAME -> new ByteTokenizer();
      case CharTokenizer.NAME -> {
        String text = Json.string(file, json, "characters");
        CharTokenizer tokenizer = CharTokenizer.of(text);
        if (tokenizer.vocabularySize() != text.codePointCount(0, text.length())) {
          throw new DataException(file + ": the characters of the tokenizer repeat");
        }
        yield tokenizer;
      }
      default ->
          throw new DataException(
              file + ": this version has no tokenizer of type '" + type + "' (char, byte)");
    };
  }
}
