package birkhoff.transformer.sample;

import birkhoff.transformer.error.UsageException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts a text that arrives piece by piece where the first of several strings begins. What may be
 * the beginning of one is held back until it is known. One text; not thread-safe.
 */
public final class StopStrings {
  private static final byte[] NOTHING = {};

  private final List<byte[]> strings;
  private byte[] held = NOTHING;
  private boolean met;

  /**
   * Begins a text.
   *
   * @throws UsageException as {@link #check}
   */
  public StopStrings(List<String> strings) {
    check(strings);
    this.strings = strings.stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList();
  }

  /**
   * Checks before anything is loaded.
   *
   * @throws UsageException for an empty string, which would stop everywhere
   */
  public static void check(List<String> strings) {
    if (strings.contains("")) {
      throw new UsageException("stop must not be empty: every text contains the empty string");
    }
  }

  /** Whether a string was found: the text is over. */
  public boolean met() {
    return met;
  }

  /**
   * Takes the next piece of UTF-8, which may end within a character.
   *
   * @return what certainly belongs to the text, of this piece and of those held back
   */
  public byte[] accept(byte[] piece) {
    if (met) {
      return NOTHING;
    }
    byte[] text = Arrays.copyOf(held, held.length + piece.length);
    System.arraycopy(piece, 0, text, held.length, piece.length);
    int end = 0;
    while (end < text.length && !found(text, end) && !begins(text, end)) {
      end++;
    }
    met = end < text.length && found(text, end);
    held = met ? NOTHING : Arrays.copyOfRange(text, end, text.length);
    return Arrays.copyOf(text, end);
  }

  /** What of the bytes that were held back belongs to the text, when nothing follows them. */
  public byte[] rest() {
    int end = 0;
    while (end < held.length && !found(held, end)) {
      end++;
    }
    met |= end < held.length;
    byte[] rest = Arrays.copyOf(held, end);
    held = NOTHING;
    return rest;
  }

  private boolean found(byte[] text, int from) {
    return strings.stream().anyMatch(s -> common(text, from, s) == s.length);
  }

  private boolean begins(byte[] text, int from) {
    return strings.stream().anyMatch(s -> common(text, from, s) == text.length - from);
  }

  /** Bytes of {@code string} that stand at {@code from}, up to the end of the text. */
  private static int common(byte[] text, int from, byte[] string) {
    int n = 0;
    while (n < string.length && from + n < text.length && text[from + n] == string[n]) {
      n++;
    }
    return n;
  }
}
