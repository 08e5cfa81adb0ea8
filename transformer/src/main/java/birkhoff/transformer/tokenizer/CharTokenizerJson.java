package birkhoff.transformer.tokenizer;

import birkhoff.transformer.error.DataException;
import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;

/**
 * Characters as a Hugging Face {@code tokenizer.json}: byte pair encoding over characters that
 * merges nothing and cuts nothing.
 */
final class CharTokenizerJson {
  private CharTokenizerJson() {}

  static ObjectNode write(List<String> characters) {
    ObjectNode json = TokenizerJson.frame(characters, List.of());
    json.putNull("pre_tokenizer");
    json.putObject("decoder").put("type", "Fuse");
    return json;
  }

  /** Whether a definition is of this form. */
  static boolean matches(ObjectNode json) {
    JsonNode model = json.path("model");
    return "BPE".equals(model.path("type").asText())
        && !json.path("pre_tokenizer").isObject()
        && !json.path("normalizer").isObject()
        && json.path("added_tokens").isEmpty()
        && model.path("merges").isEmpty();
  }

  /**
   * Reads a definition of this form.
   *
   * @param file named in messages
   * @throws DataException when the characters are not numbered in their order, as here they are
   */
  static CharTokenizer read(Path file, ObjectNode json) {
    var characters = new TreeMap<Integer, String>();
    Json.require(file, json.path("model"), "vocab")
        .properties()
        .forEach(e -> characters.put(e.getValue().asInt(-1), e.getKey()));
    String all = String.join("", characters.values());
    CharTokenizer tokenizer = CharTokenizer.of(all);
    List<String> ordered = List.copyOf(characters.values());
    if (!write(ordered).path("model").path("vocab").equals(vocabulary(tokenizer))) {
      throw new DataException(
          file
              + ": a tokenizer of characters must number single characters from 0 in the order of"
              + " their code points");
    }
    return tokenizer;
  }

  private static JsonNode vocabulary(CharTokenizer tokenizer) {
    return tokenizer.tokenizerJson().path("model").path("vocab");
  }
}
