package birkhoff.transformer.tokenizer;

import birkhoff.transformer.error.DataException;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The one place that knows which tokenizers there are. */
public final class Tokenizers {
  private static final String SIZED = BytePairTokenizer.KIND + ":";
  private static final String FILE_ENDING = ".json";
  private static final int SMALLEST = 256;
  private static final int LARGEST = 1 << 20;

  private Tokenizers() {}

  /**
   * Checks a name before any text is read.
   *
   * @throws UsageException for a tokenizer that does not exist
   */
  public static void requireKnown(String name) {
    switch (name) {
      case CharTokenizer.NAME, ByteTokenizer.NAME, BytePairTokenizer.GPT2 -> {}
      default -> {
        if (name.startsWith(SIZED)) {
          size(name);
        } else if (!name.endsWith(FILE_ENDING)) {
          throw new UsageException(
              "tokenizer='"
                  + name
                  + "' does not exist; there are char, byte, gpt2, bpe:N with N tokens learnt from"
                  + " the text, and a tokenizer.json file");
        } else if (!Files.isRegularFile(Path.of(name))) {
          throw new UsageException("tokenizer='" + name + "': there is no such file");
        }
      }
    }
  }

  private static int size(String name) {
    String number = name.substring(SIZED.length());
    int size = number.matches("[0-9]{1,7}") ? Integer.parseInt(number) : -1;
    if (size < SMALLEST || size > LARGEST) {
      throw new UsageException(
          "tokenizer='"
              + name
              + "': bpe:N needs a whole number from "
              + SMALLEST
              + " (the bytes alone) to "
              + LARGEST);
    }
    return size;
  }

  /**
   * The tokenizer of that name for a text, which is read only when the kind needs it.
   *
   * @throws UsageException for a tokenizer that does not exist
   * @throws DataException for a file that defines none
   */
  public static Tokenizer forText(String name, TrainingText text) throws IOException {
    requireKnown(name);
    if (name.equals(CharTokenizer.NAME)) {
      return new CharTokenizer(text.characters());
    }
    return name.startsWith(SIZED)
        ? BytePairTokenizer.of(BytePairTrainer.train(text, size(name)))
        : ofName(name);
  }

  /**
   * The tokenizer of that name, which must be one that needs no text.
   *
   * @throws UsageException for another
   * @throws DataException for a file that defines none
   */
  public static Tokenizer ofName(String name) throws IOException {
    requireKnown(name);
    return switch (name) {
      case ByteTokenizer.NAME -> new ByteTokenizer();
      case BytePairTokenizer.GPT2 -> BytePairTokenizer.gpt2();
      default -> {
        if (name.equals(CharTokenizer.NAME) || name.startsWith(SIZED)) {
          throw new UsageException(
              "tokenizer='"
                  + name
                  + "' is made from a text; here gpt2, byte or a tokenizer.json"
                  + " file is needed");
        }
        yield ofDefinition(Path.of(name), Json.read(Path.of(name)));
      }
    };
  }

  /** What the contents of a tokenizer.json define. */
  private static Tokenizer ofDefinition(Path file, ObjectNode json) {
    if (CharTokenizerJson.matches(json)) {
      return CharTokenizerJson.read(file, json);
    }
    TokenizerJson definition = TokenizerJson.read(file, json);
    return ByteTokenizer.has(definition.tokens())
        ? new ByteTokenizer()
        : BytePairTokenizer.of(definition);
  }

  /**
   * The tokenizer of a Hugging Face folder: its {@code tokenizer.json}, or GPT-2's older {@code
   * vocab.json} and {@code merges.txt}; empty when it has none of these.
   *
   * @throws DataException for files that define none
   */
  public static Optional<Tokenizer> ofFolder(Path folder) throws IOException {
    Path whole = folder.resolve("tokenizer.json");
    if (Files.isRegularFile(whole)) {
      return Optional.of(ofDefinition(whole, Json.read(whole)));
    }
    Path vocabulary = folder.resolve("vocab.json");
    Path merges = folder.resolve("merges.txt");
    if (!Files.isRegularFile(vocabulary) || !Files.isRegularFile(merges)) {
      return Optional.empty();
    }
    return Optional.of(
        BytePairTokenizer.of(
            TokenizerJson.ofGpt2Files(vocabulary, Json.read(vocabulary), Merges.read(merges))));
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
      case BytePairTokenizer.GPT2 -> BytePairTokenizer.gpt2();
      case BytePairTokenizer.KIND -> {
        if (!(Json.require(file, json, "tokenizer") instanceof ObjectNode definition)) {
          throw new DataException(file + ": the tokenizer's definition is not a JSON object");
        }
        yield BytePairTokenizer.of(TokenizerJson.read(file, definition));
      }
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
              file
                  + ": this version has no tokenizer of type '"
                  + type
                  + "' (char, byte, gpt2, bpe)");
    };
  }
}
