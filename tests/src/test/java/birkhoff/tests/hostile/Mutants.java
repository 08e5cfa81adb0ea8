package birkhoff.tests.hostile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spoils files: bytes without regard to what they mean, and texts piece by piece. */
final class Mutants {
  private static final Pattern PIECES =
      Pattern.compile(
          "\"(?:[^\"\\\\]|\\\\.)*\"|-?[0-9][0-9.eE+-]*|true|false|null|[A-Za-z_]+|\\s+|.");
  private static final List<String> STRANGE =
      List.of(
          "0",
          "-1",
          "1",
          "2147483648",
          "4294967296",
          "9223372036854775807",
          "9223372036854775808",
          "18446744073709551616",
          "1e400",
          "-0",
          "0.5",
          "1e3",
          "NaN",
          "Infinity",
          "null",
          "true",
          "\"\"",
          "\"../../x\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "[]",
          "{}",
          "[[[[",
          "{\"a\":",
          ",",
          "]",
          "}",
          "\"F32\"",
          "\"f32\"",
          "\"F64\"",
          "\"I4\"",
          "\"__metadata__\"",
          "\ufeff",
          "\\",
          "'",
          "[0,0]",
          "[1,2,3]",
          "[4294967296,4294967296]",
          "\"\u202e\"",
          "\"a\".b",
          "x = 1");

  private Mutants() {}

  /** A few bytes changed, or a piece cut out, repeated, moved or left off at the end. */
  static byte[] bytes(byte[] good, SplittableRandom random) {
    byte[] bad = good.clone();
    for (int k = 1 + random.nextInt(4); k > 0 && bad.length > 0; k--) {
      int at = random.nextInt(bad.length);
      int length = 1 + random.nextInt(Math.min(16, bad.length - at));
      switch (random.nextInt(6)) {
        case 0 -> bad[at] = (byte) random.nextInt(256);
        case 1 -> bad[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bad = join(bad, 0, at, bad, at + length, bad.length);
        case 3 -> bad = join(bad, 0, at + length, bad, at, bad.length);
        case 4 -> bad = Arrays.copyOf(bad, at);
        default -> Arrays.fill(bad, at, at + length, (byte) (random.nextBoolean() ? 0 : 0xff));
      }
    }
    return bad;
  }

  private static byte[] join(byte[] a, int from, int to, byte[] b, int start, int end) {
    byte[] both = Arrays.copyOf(Arrays.copyOfRange(a, from, to), to - from + end - start);
    System.arraycopy(b, start, both, to - from, end - start);
    return both;
  }

  /** A text with some pieces replaced, removed, repeated or exchanged. */
  static String text(String good, SplittableRandom random) {
    List<String> pieces = new ArrayList<>();
    Matcher matcher = PIECES.matcher(good);
    while (matcher.find()) {
      pieces.add(matcher.group());
    }
    for (int k = 1 + random.nextInt(3); k > 0 && !pieces.isEmpty(); k--) {
      int at = random.nextInt(pieces.size());
      int other = random.nextInt(pieces.size());
      switch (random.nextInt(6)) {
        case 0, 1 -> pieces.set(at, STRANGE.get(random.nextInt(STRANGE.size())));
        case 2 -> pieces.remove(at);
        case 3 -> pieces.add(at, pieces.get(other));
        case 4 -> pieces.set(at, pieces.get(other));
        default -> pieces.add(at, STRANGE.get(random.nextInt(STRANGE.size())));
      }
    }
    return String.join("", pieces);
  }

  /** A text file, spoilt as text or, one in four, as bytes. */
  static byte[] text(byte[] good, SplittableRandom random) {
    return random.nextInt(4) == 0
        ? bytes(good, random)
        : text(new String(good, StandardCharsets.UTF_8), random).getBytes(StandardCharsets.UTF_8);
  }

  /** A safetensors file with a spoilt header whose length is right, or with spoilt bytes. */
  static byte[] safetensors(byte[] good, SplittableRandom random) {
    if (random.nextInt(3) == 0) {
      return bytes(good, random);
    }
    int length = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String header = new String(good, 8, length, StandardCharsets.UTF_8);
    byte[] spoilt = text(header.stripTrailing(), random).getBytes(StandardCharsets.UTF_8);
    byte[] bad =
        join(new byte[8 + spoilt.length], 0, 8 + spoilt.length, good, 8 + length, good.length);
    ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putLong(spoilt.length).put(spoilt);
    return bad;
  }
}
