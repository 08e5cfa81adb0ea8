package birkhoff.transformer.tokenizer;

import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import com.knuddels.jtokkit.api.IntArrayList;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Byte pair encoding over bytes, as GPT-2 has it: a text is cut into words by a pattern, and within
 * a word the pair of neighbours that was merged first in training is merged first. Special tokens
 * are decoded but never made of a text. The encoding is JTokkit's.
 */
public final class BytePairTokenizer implements Tokenizer {
  /** The name of GPT-2's own. */
  static final String GPT2 = "gpt2";

  /** The kind of all others. */
  static final String KIND = "bpe";

  /** How GPT-2 cuts words. */
  static final Pattern WORDS =
      Pattern.compile(
          "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++|"
              + " ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s",
          Pattern.UNICODE_CHARACTER_CLASS);

  private static final int GPT2_TOKENS = 50_256;

  private final String name;
  private final Encoding encoding;
  private final byte[][] tokens;
  private final ObjectNode definition;

  private BytePairTokenizer(
      String name, Encoding encoding, byte[][] tokens, ObjectNode definition) {
    this.name = name;
    this.encoding = encoding;
    this.tokens = tokens;
    this.definition = definition;
  }

  /** GPT-2's 50,257 tokens, the last of which is {@code <|endoftext|>}. */
  static BytePairTokenizer gpt2() {
    Encoding encoding = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
    byte[][] tokens = new byte[GPT2_TOKENS + 1][];
    for (int id = 0; id < GPT2_TOKENS; id++) {
      var one = new IntArrayList(1);
      one.add(id);
      tokens[id] = encoding.decodeBytes(one);
    }
    tokens[GPT2_TOKENS] = TokenizerJson.END_OF_TEXT.getBytes(StandardCharsets.UTF_8);
    return new BytePairTokenizer(GPT2, encoding, tokens, Json.object().put("type", GPT2));
  }

  /** One that a tokenizer.json defines, which may be GPT-2's. */
  static BytePairTokenizer of(TokenizerJson json) {
    if (json.tokens().length == GPT2_TOKENS + 1 && json.special().cardinality() == 1) {
      BytePairTokenizer gpt2 = gpt2();
      if (Arrays.deepEquals(gpt2.tokens, json.tokens())) {
        return gpt2;
      }
    }
    Map<byte[], Integer> ranks = new HashMap<>();
    for (int id = 0; id < json.tokens().length; id++) {
      if (!json.special().get(id)) {
        ranks.put(json.tokens()[id], id);
      }
    }
    String name = KIND + ":" + json.tokens().length;
    Encoding encoding =
        Encodings.newLazyEncodingRegistry()
            .registerGptBytePairEncoding(
                new GptBytePairEncodingParams(name, WORDS, ranks, Map.of()))
            .getEncoding(name)
            .orElseThrow();
    ObjectNode definition = Json.object().put("type", KIND);
    definition.set("tokenizer", json.json());
    return new BytePairTokenizer(name, encoding, json.tokens(), definition);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int vocabularySize() {
    return tokens.length;
  }

  @Override
  public int[] encode(String text) {
    return encoding.encodeOrdinary(text).toArray();
  }

  @Override
  public int separable(CharSequence text) {
    return lastBreak(text);
  }

  /** The last white space behind something else: no word goes on across it. */
  static int lastBreak(CharSequence text) {
    for (int i = text.length() - 1; i > 0; i--) {
      // Characters that are white space, behind one that is not, by any definition of it.
      if (" \t\r\n".indexOf(text.charAt(i)) >= 0 && !white(text.charAt(i - 1))) {
        return i;
      }
    }
    return 0;
  }

  private static boolean white(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  @Override
  public byte[] bytes(int token) {
    return tokens[Objects.checkIndex(token, tokens.length)].clone();
  }

  @Override
  public ObjectNode tokenizerJson() {
    if (definition.path("tokenizer") instanceof ObjectNode json) {
      return json.deepCopy();
    }
    List<byte[]> ordinary = List.of(tokens).subList(0, GPT2_TOKENS);
    ObjectNode json = TokenizerJson.of(ordinary, Merges.of(ordinary)).json();
    String end = TokenizerJson.END_OF_TEXT;
    ((ObjectNode) json.path("model").path("vocab")).put(end, GPT2_TOKENS);
    TokenizerJson.addSpecial(json, end, GPT2_TOKENS);
    return json;
  }

  @Override
  public ObjectNode toJson() {
    return definition.deepCopy();
  }
}
