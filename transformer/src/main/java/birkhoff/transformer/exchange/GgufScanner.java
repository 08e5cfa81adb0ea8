package birkhoff.transformer.exchange;

import birkhoff.engine.io.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Reads the little-endian numbers and strings of GGUF one after another, and never past the end.
 */
final class GgufScanner {
  /** The format's limit for keys; that for names of tensors is lower. */
  private static final int LONGEST_NAME = (1 << 16) - 1;

  /** How much of a string's value is kept. */
  private static final int SHOWN = 200;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final MemorySegment bytes;
  private long at;

  GgufScanner(Path file, MemorySegment bytes) {
    this.file = file;
    this.bytes = bytes;
  }

  long position() {
    return at;
  }

  long left() {
    return bytes.byteSize() - at;
  }

  FormatException broken(long offset, String rule) {
    return new FormatException(file, offset, rule);
  }

  private long take(long count, String what) {
    if (count > left()) {
      throw broken(at, what + " needs " + count + " bytes, the file has " + left() + " left");
    }
    long start = at;
    at += count;
    return start;
  }

  int int32(String what) {
    return bytes.get(INT, take(Integer.BYTES, what));
  }

  long int64(String what) {
    return bytes.get(LONG, take(Long.BYTES, what));
  }

  /** A length or a number of things, each of which takes at least so many bytes. */
  long count(String what, int least) {
    long start = at;
    long count = int64(what);
    if (count < 0 || count > left() / least) {
      String rule = " exceeds what " + left() + " bytes can hold";
      throw broken(start, what + " " + Long.toUnsignedString(count) + rule);
    }
    return count;
  }

  /** A whole string, for names and keys. */
  String name(String what) {
    long start = at;
    long length = count("the length of " + what, 1);
    if (length > LONGEST_NAME) {
      throw broken(start, what + " is longer than " + LONGEST_NAME + " bytes");
    }
    return utf8(take(length, what), length, what);
  }

  /** The value of an entry: of long strings the beginning, of arrays their kind and length. */
  Object value() {
    long start = at;
    int type = int32("the type of a value");
    if (type == 9) {
      long of = at;
      int element = int32("the type of an array");
      if (element == 9) {
        throw broken(of, "arrays of arrays are not read");
      }
      long count = count("the length of an array", least(element, of));
      for (long i = 0; element == 8 && i < count; i++) {
        take(count("the length of a string", 1), "a string");
      }
      if (element != 8) {
        take(count * least(element, of), "an array");
      }
      return "[" + count + " of " + typeName(element) + "]";
    }
    least(type, start);
    return scalar(type);
  }

  private Object scalar(int type) {
    return switch (type) {
      case 0 -> Byte.toUnsignedLong(int8());
      case 1 -> (long) int8();
      case 2 -> Short.toUnsignedLong(int16());
      case 3 -> (long) int16();
      case 4 -> Integer.toUnsignedLong(int32("a number"));
      case 5 -> (long) int32("a number");
      case 6 -> Float.intBitsToFloat(int32("a number"));
      case 7 -> bool();
      case 8 -> shown();
      case 10 -> Long.toUnsignedString(int64("a number"));
      case 11 -> int64("a number");
      default -> Double.longBitsToDouble(int64("a number"));
    };
  }

  private byte int8() {
    return bytes.get(ValueLayout.JAVA_BYTE, take(1, "a number"));
  }

  private short int16() {
    return bytes.get(SHORT, take(Short.BYTES, "a number"));
  }

  private boolean bool() {
    long start = at;
    byte value = int8();
    if (value != 0 && value != 1) {
      throw broken(start, "a truth value is 0 or 1, this one " + value);
    }
    return value == 1;
  }

  private String shown() {
    long length = count("the length of a string", 1);
    long start = take(length, "a string");
    long end = start + Math.min(length, SHOWN);
    // Not within a character.
    while (end > start && end < start + length && bytes.get(ValueLayout.JAVA_BYTE, end) < -64) {
      end--;
    }
    String text = utf8(start, end - start, "a string");
    return end < start + length ? text + "…" : text;
  }

  private String utf8(long start, long length, String what) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(bytes.asSlice(start, length).asByteBuffer())
          .toString();
    } catch (CharacterCodingException e) {
      throw broken(start, what + " is not UTF-8");
    }
  }

  /** The least number of bytes of a value of this type. */
  private int least(int type, long where) {
    return switch (type) {
      case 0, 1, 7 -> 1;
      case 2, 3 -> 2;
      case 4, 5, 6 -> 4;
      case 8, 10, 11, 12 -> 8;
      default -> throw broken(where, "there is no type " + type + " of values");
    };
  }

  private static String typeName(int type) {
    String[] names = {
      "uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "bool", "string", "array",
      "uint64", "int64", "float64"
    };
    return names[type];
  }
}
