package birkhoff.transformer.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A tokenizer as byte pair encoding over bytes that are written as GPT-2 writes them.
 *
 * @param tokens by id; special ones as they are
 * @param merges two written tokens with a space between, first merges first. Where the tokens are
 *     characters, what is merged on the way to one need not be a token
 * @param special ids that no text is encoded to
 */
public record ByteLevelVocabulary(List<String> tokens, List<String> merges, BitSet special) {
  /** GPT-2's only special token: the end of a document. */
  public static final String END_OF_TEXT = TokenizerJson.END_OF_TEXT;

  /** The same of any tokenizer. */
  public static ByteLevelVocabulary of(Tokenizer tokenizer) {
    ObjectNode json = tokenizer.tokenizerJson();
    var special = new BitSet();
    json.path("added_tokens").forEach(token -> special.set(token.path("id").asInt()));
    List<String> tokens = new ArrayList<>();
    Set<String> merges = new LinkedHashSet<>();
    boolean characters = CharTokenizerJson.matches(json);
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      byte[] bytes = tokenizer.bytes(id);
      tokens.add(
          special.get(id) ? new String(bytes, StandardCharsets.UTF_8) : ByteAlphabet.write(bytes));
      if (characters) {
        addSteps(tokens.get(id), merges);
      }
    }
    for (JsonNode merge : json.path("model").path("merges")) {
      merges.add(
          merge.isArray() ? merge.path(0).asText() + " " + merge.path(1).asText() : merge.asText());
    }
    return new ByteLevelVocabulary(List.copyOf(tokens), List.copyOf(merges), special);
  }

  /** A character's bytes are merged from the left; as UTF-8 is, they merge with no others. */
  private static void addSteps(String token, Set<String> merges) {
    for (int end = 1; end < token.length(); end++) {
      merges.add(token.substring(0, end) + " " + token.charAt(end));
    }
  }

  /** The id of the end of a document, where there is one. */
  public Optional<Integer> endOfText() {
    int id = tokens.indexOf(END_OF_TEXT);
    return id >= 0 && special.get(id) ? Optional.of(id) : Optional.empty();
  }
}
