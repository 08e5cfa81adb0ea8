package birkhoff.transformer.data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** How wide a token id is in a file; little-endian and unsigned. */
public enum TokenWidth {
  UINT16("uint16", 2),
  UINT32("uint32", 4);

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final String label;
  private final int bytes;

  TokenWidth(String label, int bytes) {
    this.label = label;
    this.bytes = bytes;
  }

  /** The name in {@code meta.json}. */
  public String label() {
    return label;
  }

  /** Bytes per token. */
  public int bytes() {
    return bytes;
  }

  /** The narrowest width that holds every id of a vocabulary. */
  public static TokenWidth of(int vocabularySize) {
    return vocabularySize <= 1 << 16 ? UINT16 : UINT32;
  }

  int get(MemorySegment tokens, long index) {
    return this == UINT16
        ? Short.toUnsignedInt(tokens.getAtIndex(SHORT, index))
        : tokens.getAtIndex(INT, index);
  }

  void set(MemorySegment tokens, long index, int token) {
    if (this == UINT16) {
      tokens.setAtIndex(SHORT, index, (short) token);
    } else {
      tokens.setAtIndex(INT, index, token);
    }
  }
}
