package birkhoff.engine.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Reads a safetensors file by mapping it: opening costs the header, data is paged in when touched.
 *
 * <p>Data segments are read-only, valid until {@link #close()}, and aligned only as far as the file
 * aligns them: read them with unaligned layouts or copy them. Safe for concurrent reads.
 */
public final class SafeTensorsReader implements AutoCloseable {
  private static final long MAX_HEADER_BYTES = 100_000_000;
  private static final ValueLayout.OfLong LITTLE_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final Arena arena;
  private final MemorySegment data;
  private final SafeTensorsHeader header;

  private SafeTensorsReader(Path file, Arena arena, MemorySegment data, SafeTensorsHeader header) {
    this.file = file;
    this.arena = arena;
    this.data = data;
    this.header = header;
  }

  /**
   * Opens and validates a file; no tensor data is read.
   *
   * @throws FormatException when the file breaks a rule of the format
   * @throws IOException when it cannot be read
   */
  @SuppressWarnings("MustBeClosed") // the reader owns the arena
  public static SafeTensorsReader open(Path file) throws IOException {
    // Opening a pipe would wait for its other end, and a device has no size.
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new FormatException(file, 0, "a safetensors file is a regular file, this is none");
    }
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < SafeTensorsHeader.LENGTH_BYTES) {
        throw new FormatException(
            file, size, "a safetensors file has at least 8 bytes, this one " + size);
      }
      MemorySegment whole = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      long length = whole.get(LITTLE_LONG, 0);
      long available = size - SafeTensorsHeader.LENGTH_BYTES;
      if (length < 0 || length > available) {
        throw new FormatException(
            file,
            0,
            "the header length "
                + Long.toUnsignedString(length)
                + " exceeds the "
                + available
                + " bytes that follow it");
      }
      if (length > MAX_HEADER_BYTES) {
        throw new FormatException(
            file, 0, "the header length " + length + " exceeds " + MAX_HEADER_BYTES);
      }
      MemorySegment json = whole.asSlice(SafeTensorsHeader.LENGTH_BYTES, length);
      MemorySegment data = whole.asSlice(SafeTensorsHeader.LENGTH_BYTES + length);
      var header =
          SafeTensorsHeader.parse(file, json.toArray(ValueLayout.JAVA_BYTE), data.byteSize());
      return new SafeTensorsReader(file, arena, data, header);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** The file that was opened. */
  public Path file() {
    return file;
  }

  /** The {@code __metadata__} strings, in file order; empty when there are none. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata());
  }

  /** All tensors, in the order of the header. */
  public Collection<SafeTensorsEntry> tensors() {
    return Collections.unmodifiableCollection(header.entries().values());
  }

  /** The tensor of that name, if there is one. */
  public Optional<SafeTensorsEntry> find(String name) {
    return Optional.ofNullable(header.entries().get(name));
  }

  /**
   * The tensor of that name.
   *
   * @throws NoSuchElementException when the file has none
   */
  public SafeTensorsEntry tensor(String name) {
    return find(name)
        .orElseThrow(
            () -> new NoSuchElementException(file + ": there is no tensor '" + name + "'"));
  }

  /** The bytes of a tensor of this file: read-only, little-endian, row-major. */
  public MemorySegment data(SafeTensorsEntry entry) {
    if (!entry.equals(header.entries().get(entry.name()))) {
      throw new IllegalArgumentException(entry.name() + " is not a tensor of " + file);
    }
    return data.asSlice(entry.begin(), entry.byteSize());
  }

  /** Unmaps the file; segments handed out become inaccessible. */
  @Override
  public void close() {
    arena.close();
  }
}
