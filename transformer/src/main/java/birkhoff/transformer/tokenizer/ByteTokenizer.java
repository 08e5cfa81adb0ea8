package birkhoff.transformer.tokenizer;

import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** One token per byte of the UTF-8 text; the id is the byte's unsigned value. */
public final class ByteTokenizer implements Tokenizer {
  /** The name of this kind. */
  static final String NAME = "byte";

  private static final int VALUES = 256;

  /** The only one there is. */
  public ByteTokenizer() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int vocabularySize() {
    return VALUES;
  }

  @Override
  public int[] encode(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int[] tokens = new int[utf8.length];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = Byte.toUnsignedInt(utf8[i]);
    }
    return tokens;
  }

  @Override
  public byte[] bytes(int token) {
    return new byte[] {(byte) Objects.checkIndex(token, VALUES)};
  }

  /** Whether tokens are those of this tokenizer. */
  static boolean has(byte[]... tokens) {
    boolean same = tokens.length == VALUES;
    for (int id = 0; same && id < VALUES; id++) {
      same = tokens[id].length == 1 && Byte.toUnsignedInt(tokens[id][0]) == id;
    }
    return same;
  }

  @Override
  public ObjectNode tokenizerJson() {
    List<byte[]> tokens = new ArrayList<>();
    for (int id = 0; id < VALUES; id++) {
      tokens.add(bytes(id));
    }
    return TokenizerJson.of(tokens, List.of()).json();
  }

  @Override
  public ObjectNode toJson() {
    return Json.object().put("type", NAME);
  }
}
