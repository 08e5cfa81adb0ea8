package birkhoff.transformer.tokenizer;

import birkhoff.transformer.error.DataException;
import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/** One token per code point; the vocabulary is the sorted set of them, as in nanoGPT. */
public final class CharTokenizer implements Tokenizer {
  /** The name of this kind. */
  static final String NAME = "char";

  private static final int TABLE_LIMIT = 0x10000;

  private final int[] codePoints;
  private final int[] idOfCodePoint;

  /** A tokenizer of the given code points. */
  public CharTokenizer(BitSet characters) {
    this.codePoints = characters.stream().toArray();
    if (codePoints.length == 0) {
      throw new DataException("a char tokenizer needs at least one character; the text is empty");
    }
    int last = codePoints[codePoints.length - 1];
    idOfCodePoint = new int[Math.min(last + 1, TABLE_LIMIT)];
    Arrays.fill(idOfCodePoint, -1);
    for (int id = 0; id < codePoints.length && codePoints[id] < idOfCodePoint.length; id++) {
      idOfCodePoint[codePoints[id]] = id;
    }
  }

  /** A tokenizer of the characters of a text. */
  public static CharTokenizer of(String text) {
    var characters = new BitSet();
    text.codePoints().forEach(characters::set);
    return new CharTokenizer(characters);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int vocabularySize() {
    return codePoints.length;
  }

  @Override
  public int[] encode(String text) {
    int[] tokens = new int[text.codePointCount(0, text.length())];
    int at = 0;
    for (int i = 0; i < text.length(); at++) {
      int codePoint = text.codePointAt(i);
      tokens[at] = id(codePoint);
      if (tokens[at] < 0) {
        throw new DataException(unknown(codePoint, at));
      }
      i += Character.charCount(codePoint);
    }
    return tokens;
  }

  @Override
  public byte[] bytes(int token) {
    return Character.toString(codePoints[token]).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public ObjectNode tokenizerJson() {
    List<String> characters = Arrays.stream(codePoints).mapToObj(Character::toString).toList();
    return CharTokenizerJson.write(characters);
  }

  @Override
  public ObjectNode toJson() {
    var text = new StringBuilder();
    for (int codePoint : codePoints) {
      text.appendCodePoint(codePoint);
    }
    ObjectNode json = Json.object();
    json.put("type", NAME);
    json.put("characters", text.toString());
    return json;
  }

  private int id(int codePoint) {
    return codePoint < idOfCodePoint.length
        ? idOfCodePoint[codePoint]
        : Arrays.binarySearch(codePoints, codePoint);
  }

  private String unknown(int codePoint, int position) {
    String shown =
        Character.isISOControl(codePoint) ? "" : "'" + Character.toString(codePoint) + "' ";
    return String.format(
        Locale.ROOT,
        "character %s(U+%04X) at position %d is not among the %d characters of this tokenizer;"
            + " leave it out, or train with --tokenizer=byte, which knows every text",
        shown,
        codePoint,
        position,
        codePoints.length);
  }
}
