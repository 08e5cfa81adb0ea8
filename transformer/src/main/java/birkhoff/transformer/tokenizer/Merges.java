package birkhoff.transformer.tokenizer;

import birkhoff.transformer.error.DataException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The pairs that made the tokens of a byte pair encoding, found again from the tokens: what the
 * earlier tokens leave of a token's bytes are the two that were merged to make it.
 */
final class Merges {
  private Merges() {}

  /** Pairs of ids, in the order of what they make; single bytes are made of nothing. */
  static List<int[]> of(List<byte[]> tokens) {
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(key(tokens.get(id)), id);
    }
    List<int[]> merges = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      if (tokens.get(id).length > 1) {
        merges.add(halves(key(tokens.get(id)), id, ids));
      }
    }
    return merges;
  }

  /**
   * The lines of a {@code merges.txt}, two tokens each.
   *
   * @throws DataException when it is not UTF-8 or has other lines
   */
  static List<String> read(Path file) throws IOException {
    List<String> lines;
    try {
      lines = new ArrayList<>(Files.readAllLines(file));
    } catch (CharacterCodingException e) {
      throw new DataException(file + " is not valid UTF-8", e);
    }
    if (!lines.isEmpty() && lines.getFirst().startsWith("#version")) {
      lines.removeFirst();
    }
    for (String line : lines) {
      int space = line.indexOf(' ');
      if (space < 1 || space != line.lastIndexOf(' ') || space + 1 == line.length()) {
        throw new DataException(file + ": '" + line + "' is not two tokens with a space between");
      }
    }
    return lines;
  }

  private static String key(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static int[] halves(String token, int limit, Map<String, Integer> ids) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < token.length(); i++) {
      parts.add(token.substring(i, i + 1));
    }
    while (parts.size() > 2) {
      int best = limit;
      int at = -1;
      for (int i = 0; i + 1 < parts.size(); i++) {
        int id = ids.getOrDefault(parts.get(i) + parts.get(i + 1), limit);
        if (id < best) {
          best = id;
          at = i;
        }
      }
      if (at < 0) {
        throw new IllegalArgumentException("no two tokens before " + limit + " make it");
      }
      parts.set(at, parts.get(at) + parts.remove(at + 1));
    }
    return new int[] {ids.get(parts.get(0)), ids.get(parts.get(1))};
  }
}
