package birkhoff.transformer.tokenizer;

import java.util.Arrays;

/**
 * GPT-2's way to write bytes as characters, which tokenizer.json files use: printable Latin-1
 * characters stand for themselves, the other bytes for the characters from U+0100 on.
 */
final class ByteAlphabet {
  private static final int BYTES = 256;

  private ByteAlphabet() {}

  private static boolean printable(int b) {
    return b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae;
  }

  private static char[] table() {
    char[] characters = new char[BYTES];
    char next = BYTES;
    for (int b = 0; b < BYTES; b++) {
      characters[b] = printable(b) ? (char) b : next++;
    }
    return characters;
  }

  /** All bytes in the order of their characters, which is that of their ids in GPT-2. */
  static byte[][] ordered() {
    char[] characters = table();
    return Arrays.stream(sorted(characters))
        .map(b -> new byte[] {b.byteValue()})
        .toArray(byte[][]::new);
  }

  private static Integer[] sorted(char[] characters) {
    Integer[] bytes = new Integer[BYTES];
    Arrays.setAll(bytes, b -> b);
    Arrays.sort(bytes, (a, b) -> Character.compare(characters[a], characters[b]));
    return bytes;
  }

  static String write(byte[] bytes) {
    char[] characters = table();
    var text = new StringBuilder();
    for (byte b : bytes) {
      text.append(characters[Byte.toUnsignedInt(b)]);
    }
    return text.toString();
  }

  /** The bytes, or null when the text has characters that stand for none. */
  static byte[] read(String text) {
    char[] characters = table();
    byte[] bytes = new byte[text.length()];
    for (int i = 0; i < bytes.length; i++) {
      int b = 0;
      while (b < BYTES && characters[b] != text.charAt(i)) {
        b++;
      }
      if (b == BYTES) {
        return null;
      }
      bytes[i] = (byte) b;
    }
    return bytes;
  }
}
