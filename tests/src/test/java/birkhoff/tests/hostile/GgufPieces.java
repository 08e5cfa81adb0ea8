package birkhoff.tests.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** A GGUF file written field by field, so that every field can be spoilt on its own. */
final class GgufPieces {
  private static final int ALIGNMENT = 32;
  private static final long[] STRANGE = {
    0,
    1,
    2,
    3,
    7,
    8,
    9,
    10,
    12,
    13,
    31,
    33,
    255,
    -1,
    -2,
    1L << 31,
    1L << 32,
    1L << 62,
    1L << 63,
    Long.MAX_VALUE,
    Integer.MAX_VALUE,
    0x0300_0000
  };

  private final List<byte[]> pieces = new ArrayList<>();
  private byte[] data = new byte[0];

  /** Magic number, version and the numbers of tensors and entries. */
  static GgufPieces begin(int version, long tensors, long entries) {
    return new GgufPieces().raw("GGUF").int32(version).int64(tensors).int64(entries);
  }

  /** Every type of value, an alignment, three tensors. */
  static GgufPieces sample() {
    GgufPieces all = begin(3, 3, 14);
    all.string("general.architecture").int32(8).string("gpt2");
    all.string("general.alignment").int32(4).int32(ALIGNMENT);
    int[] sizes = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    for (int type = 0; type < sizes.length; type++) {
      if (sizes[type] > 0) {
        all.string("number." + type).int32(type).bytes(new byte[sizes[type]]);
      }
    }
    all.string("tokens").int32(9).int32(8).int64(2).string("a").string("ä");
    all.tensor("weight", 0, 0, 3, 2).tensor("bias", 30, ALIGNMENT, 4);
    return all.tensor("coded", 8, 2 * ALIGNMENT, 32, 1).data(2 * ALIGNMENT + 34);
  }

  GgufPieces raw(String ascii) {
    return bytes(ascii.getBytes(StandardCharsets.UTF_8));
  }

  GgufPieces bytes(byte... some) {
    pieces.add(some);
    return this;
  }

  GgufPieces int32(int value) {
    return bytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  GgufPieces int64(long value) {
    return bytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }

  GgufPieces string(String text) {
    return int64(text.getBytes(StandardCharsets.UTF_8).length).raw(text);
  }

  /** Extents from the fastest on, as in the file. */
  GgufPieces tensor(String name, int type, long offset, long... extents) {
    string(name).int32(extents.length);
    for (long extent : extents) {
      int64(extent);
    }
    return int32(type).int64(offset);
  }

  GgufPieces data(int count) {
    data = new byte[count];
    return this;
  }

  /** The file, its data aligned. */
  byte[] file() {
    return join(pieces);
  }

  private byte[] join(List<byte[]> some) {
    var file = new ByteArrayOutputStream();
    some.forEach(file::writeBytes);
    file.writeBytes(new byte[Math.ceilDiv(file.size(), ALIGNMENT) * ALIGNMENT - file.size()]);
    file.writeBytes(data);
    return file.toByteArray();
  }

  /** The file with some fields replaced, removed, repeated or exchanged. */
  byte[] spoilt(SplittableRandom random) {
    List<byte[]> bad = new ArrayList<>(pieces);
    for (int k = 1 + random.nextInt(2); k > 0; k--) {
      int at = random.nextInt(bad.size());
      byte[] other = bad.get(random.nextInt(bad.size()));
      switch (random.nextInt(8)) {
        case 0 -> bad.remove(at);
        case 1 -> bad.add(at, other);
        case 2 -> bad.set(at, other);
        default -> bad.set(at, strange(bad.get(at), random));
      }
    }
    return join(bad);
  }

  private static byte[] strange(byte[] piece, SplittableRandom random) {
    long value = STRANGE[random.nextInt(STRANGE.length)];
    ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    return switch (piece.length) {
      case 4 -> Arrays.copyOf(number.array(), 4);
      case 8 -> number.array();
      default -> Mutants.bytes(piece, random);
    };
  }
}
