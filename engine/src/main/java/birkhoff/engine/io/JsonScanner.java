package birkhoff.engine.io;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the JSON subset that file headers need (objects, arrays of non-negative integers, strings)
 * from bytes, so that every complaint has a byte offset.
 */
final class JsonScanner {
  private final Path file;
  private final int base;
  private final byte[] json;
  private int at;

  /** Scans {@code json}, which stands at byte {@code base} of the file. */
  JsonScanner(Path file, int base, byte[] json) {
    this.file = file;
    this.base = base;
    this.json = json;
  }

  /** Position of the next byte. */
  int position() {
    return at;
  }

  /** Whether nothing is left. */
  boolean atEnd() {
    return at == json.length;
  }

  /** Opens an object; false when it is empty and already closed again. */
  boolean openObject() {
    expect('{');
    skipSpace();
    if (peek() == '}') {
      at++;
      return false;
    }
    return true;
  }

  /** The next key and the colon after it. */
  String key() {
    skipSpace();
    String name = string();
    expect(':');
    skipSpace();
    return name;
  }

  /** An array of at most {@code limit} non-negative integers. */
  List<Long> integers(int limit) {
    int start = at;
    List<Long> values = new ArrayList<>();
    expect('[');
    skipSpace();
    if (peek() == ']') {
      at++;
      return values;
    }
    do {
      skipSpace();
      if (values.size() == limit) {
        throw broken(start, "at most " + limit + " numbers are allowed here");
      }
      values.add(integer());
    } while (more(']'));
    return values;
  }

  private long integer() {
    int start = at;
    long value = 0;
    while (at < json.length && json[at] >= '0' && json[at] <= '9') {
      int digit = json[at++] - '0';
      if (value > (Long.MAX_VALUE - digit) / 10) {
        throw broken(start, "the number exceeds 63 bits");
      }
      value = value * 10 + digit;
    }
    if (at == start) {
      throw broken(start, "a non-negative integer was expected");
    }
    if (json[start] == '0' && at > start + 1) {
      throw broken(start, "leading zeros are not JSON");
    }
    return value;
  }

  /** A string with its escapes resolved. */
  String string() {
    int start = at;
    if (peek() != '"') {
      throw broken(at, "a string was expected");
    }
    at++;
    var text = new StringBuilder();
    int run = at;
    while (true) {
      if (at >= json.length) {
        throw broken(start, "the string does not end");
      }
      int c = json[at] & 0xff;
      if (c == '"') {
        appendUtf8(text, run, at++);
        if (text.codePoints().anyMatch(JsonScanner::isSurrogate)) {
          throw broken(start, "a lone surrogate is not a character");
        }
        return text.toString();
      }
      if (c < 0x20) {
        throw broken(at, "control characters in strings must be escaped");
      }
      if (c == '\\') {
        appendUtf8(text, run, at);
        text.append(escape());
        run = at;
      } else {
        at++;
      }
    }
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  private void appendUtf8(StringBuilder text, int from, int to) {
    try {
      text.append(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json, from, to - from)));
    } catch (CharacterCodingException e) {
      throw broken(from, "the string is not valid UTF-8");
    }
  }

  private char escape() {
    int start = at++;
    int c = at < json.length ? json[at++] : -1;
    return switch (c) {
      case '"', '\\', '/' -> (char) c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int value = 0;
        for (int i = 0; i < 4; i++) {
          int digit = at < json.length ? Character.digit(json[at++], 16) : -1;
          if (digit < 0) {
            throw broken(start, "\\u needs four hexadecimal digits");
          }
          value = value << 4 | digit;
        }
        yield (char) value;
      }
      default -> throw broken(start, "unknown escape in a string");
    };
  }

  /** After an element: true for a comma, false for the closing character. */
  boolean more(char close) {
    skipSpace();
    int c = peek();
    if (c == ',') {
      at++;
      return true;
    }
    if (c == close) {
      at++;
      return false;
    }
    throw broken(at, "',' or '" + close + "' was expected");
  }

  private void expect(char c) {
    skipSpace();
    if (peek() != c) {
      throw broken(at, "'" + c + "' was expected");
    }
    at++;
  }

  private int peek() {
    return at < json.length ? json[at] : -1;
  }

  /** Skips JSON white space. */
  void skipSpace() {
    while (at < json.length
        && (json[at] == ' ' || json[at] == '\n' || json[at] == '\r' || json[at] == '\t')) {
      at++;
    }
  }

  /** An exception that names the byte at {@code position}, counted from the start of the JSON. */
  FormatException broken(int position, String rule) {
    return new FormatException(file, (long) base + position, rule);
  }
}
