package birkhoff.transformer.exchange;

import birkhoff.engine.io.FormatException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what a GGUF file of version 2 or 3 says of itself, and its data, after ggml's docs/gguf.md.
 * Everything is checked before anything is used; weights are not imported from GGUF. May be used by
 * several threads; no data may be used after {@link #close}.
 */
public final class GgufReader implements AutoCloseable {
  private static final int MAGIC = 0x46554747;
  private static final int MAX_RANK = 4;
  private static final int DEFAULT_ALIGNMENT = 32;
  private static final String PAST_END = "' ends after the end of the data";
  private static final String ALIGNMENT = "general.alignment";

  /** A key or name's length, a type's number, one byte. */
  private static final int LEAST_ENTRY = 8 + 4 + 1;

  /** A name's length, the rank, the type, the offset. */
  private static final int LEAST_TENSOR = 8 + 4 + 4 + 8;

  private final Arena arena;
  private final MemorySegment whole;
  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final Map<String, GgufEntry> entries = new LinkedHashMap<>();

  private GgufReader(Arena arena, MemorySegment whole) {
    this.arena = arena;
    this.whole = whole;
  }

  /** Whether a file begins as GGUF does. */
  public static boolean isGguf(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(4), new byte[] {'G', 'G', 'U', 'F'});
    }
  }

  /**
   * Opens and validates a file; no tensor data is read.
   *
   * @throws FormatException when the file breaks a rule of the format
   * @throws IOException when it cannot be read
   */
  @SuppressWarnings("MustBeClosed") // the reader owns the arena
  public static GgufReader open(Path file) throws IOException {
    // Opening a pipe would wait for its other end, and a device has no size.
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new FormatException(file, 0, "a GGUF file is a regular file, this is none");
    }
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      var whole = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      var reader = new GgufReader(arena, whole);
      reader.parse(new GgufScanner(file, whole));
      return reader;
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private void parse(GgufScanner in) {
    if (in.int32("the magic number") != MAGIC) {
      throw in.broken(0, "a GGUF file begins with GGUF");
    }
    int version = in.int32("the version");
    if (version != 2 && version != 3) {
      boolean big = Integer.reverseBytes(version) == 2 || Integer.reverseBytes(version) == 3;
      String found = big ? "this one is big-endian" : "this one is " + version;
      throw in.broken(4, "little-endian files of versions 2 and 3 are read, " + found);
    }
    long tensors = in.count("the number of tensors", LEAST_TENSOR);
    long values = in.count("the number of entries", LEAST_ENTRY);
    for (long i = 0; i < values; i++) {
      long start = in.position();
      String key = in.name("a key");
      if (metadata.putIfAbsent(key, in.value()) != null) {
        throw in.broken(start, "duplicate key '" + key + "'");
      }
    }
    long alignment = alignment(in);
    List<GgufEntry> all = new ArrayList<>();
    List<Long> starts = new ArrayList<>();
    long expected = 0;
    for (long i = 0; i < tensors; i++) {
      long start = in.position();
      GgufEntry entry = entry(in);
      if (entry.offset() != expected) {
        String rule = "' begins at " + entry.offset() + ", where " + expected + " was expected";
        throw in.broken(start, "tensor '" + entry.name() + rule);
      }
      // Before the sum, which then cannot overflow.
      if (entry.byteSize() > whole.byteSize() - expected) {
        throw in.broken(start, "tensor '" + entry.name() + PAST_END);
      }
      expected = aligned(expected + entry.byteSize(), alignment);
      all.add(entry);
      starts.add(start);
    }
    long base = aligned(in.position(), alignment);
    for (int i = 0; i < all.size(); i++) {
      GgufEntry e = all.get(i);
      if (e.offset() + e.byteSize() > whole.byteSize() - base) {
        throw in.broken(starts.get(i), "tensor '" + e.name() + PAST_END);
      }
      var placed =
          new GgufEntry(
              e.name(), e.type(), e.shape(), e.elements(), base + e.offset(), e.byteSize());
      if (entries.putIfAbsent(e.name(), placed) != null) {
        throw in.broken(starts.get(i), "duplicate tensor name '" + e.name() + "'");
      }
    }
  }

  private long alignment(GgufScanner in) {
    Object value = metadata.getOrDefault(ALIGNMENT, (long) DEFAULT_ALIGNMENT);
    if (!(value instanceof Long alignment)
        || alignment < 8
        || alignment > 1 << 30
        || Long.bitCount(alignment) != 1) {
      throw in.broken(
          in.position(), ALIGNMENT + " is a power of two of at least 8, this one " + value);
    }
    return alignment;
  }

  /** With the offset in the data, as the file has it. */
  private static GgufEntry entry(GgufScanner in) {
    long start = in.position();
    String name = in.name("a tensor's name");
    int rank = in.int32("the rank");
    if (rank < 0 || rank > MAX_RANK) {
      String rule = "' has a rank of " + Integer.toUnsignedString(rank) + ", at most 4 is allowed";
      throw in.broken(start, "tensor '" + name + rule);
    }
    List<Long> shape = new ArrayList<>();
    long elements = 1;
    try {
      for (int i = 0; i < rank; i++) {
        long extent = in.int64("an extent");
        if (extent < 0) {
          String rule = "' has an extent of " + Long.toUnsignedString(extent);
          throw in.broken(start, "tensor '" + name + rule + ", more than 63 bits");
        }
        shape.addFirst(extent);
        elements = Math.multiplyExact(elements, extent);
      }
      int number = in.int32("a tensor's type");
      GgufType type =
          GgufType.ofNumber(number)
              .orElseThrow(
                  () -> in.broken(start, "tensor '" + name + "' has an unknown type " + number));
      long row = shape.isEmpty() ? 1 : shape.getLast();
      if (row % type.blockElements() != 0) {
        String rule = "' has rows of " + row + ", no multiple of " + type.blockElements();
        throw in.broken(start, "tensor '" + name + rule + " for " + type);
      }
      long bytes = type.byteSize(elements);
      long offset = in.int64("an offset");
      return new GgufEntry(name, type.name(), shape, elements, offset, bytes);
    } catch (ArithmeticException e) {
      throw in.broken(start, "the size of tensor '" + name + "' exceeds 63 bits");
    }
  }

  private static long aligned(long bytes, long alignment) {
    return (bytes + alignment - 1) & -alignment;
  }

  /** Keys and values, in file order; of long strings the beginning, of arrays kind and length. */
  public Map<String, Object> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  /** All tensors, in file order. */
  public Collection<GgufEntry> tensors() {
    return Collections.unmodifiableCollection(entries.values());
  }

  /** The bytes of a tensor of this file: read-only. */
  public MemorySegment data(GgufEntry entry) {
    if (!entry.equals(entries.get(entry.name()))) {
      throw new IllegalArgumentException(entry.name() + " is not a tensor of this file");
    }
    return whole.asSlice(entry.offset(), entry.byteSize());
  }

  /** Unmaps the file; segments handed out become inaccessible. */
  @Override
  public void close() {
    arena.close();
  }
}
