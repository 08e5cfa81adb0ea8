package birkhoff.engine.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Collects tensors and writes them as one safetensors file. Nothing is copied before {@link
 * #write(Path)}: the segments must stay alive and unchanged until then. Not thread-safe.
 *
 * <p>Wider element types come first and the header is padded with spaces to 64 bytes, so that every
 * tensor is aligned to its element size when the file is mapped.
 */
public final class SafeTensorsWriter {
  private static final int DATA_ALIGNMENT = 64;
  private static final int CHUNK_BYTES = 1 << 26;

  private record Pending(String name, SafeTensorsType type, List<Long> shape, MemorySegment data) {}

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final List<Pending> tensors = new ArrayList<>();
  private final Set<String> names = new LinkedHashSet<>();

  /** An empty file. */
  public SafeTensorsWriter() {}

  /** Adds or replaces a metadata string. */
  public SafeTensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Adds a tensor.
   *
   * @param data row-major elements in little-endian order, exactly as many as the shape says
   * @throws IllegalArgumentException for a repeated name or data that do not fit the shape
   */
  public SafeTensorsWriter add(
      String name, SafeTensorsType type, long[] shape, MemorySegment data) {
    if (name.isEmpty() || name.equals("__metadata__") || !names.add(name)) {
      throw new IllegalArgumentException(
          "the tensor name '" + name + "' is empty, reserved or used twice");
    }
    List<Long> extents = Arrays.stream(shape).boxed().toList();
    long needed = SafeTensorsEntry.byteSize(type, extents);
    if (data.byteSize() != needed) {
      throw new IllegalArgumentException(
          "tensor '"
              + name
              + "' of "
              + type
              + " "
              + extents
              + " needs "
              + needed
              + " bytes, got "
              + data.byteSize());
    }
    tensors.add(new Pending(name, type, extents, data));
    return this;
  }

  /** Writes the file atomically: readers see the old file or the new one, whole. */
  public void write(Path file) throws IOException {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new UnsupportedOperationException(
          "safetensors is little-endian and this machine is not");
    }
    List<Pending> ordered = new ArrayList<>(tensors);
    ordered.sort(Comparator.comparingInt(t -> -t.type().byteSize()));
    byte[] header = header(ordered);
    AtomicFile.write(
        file,
        channel -> {
          ByteBuffer head =
              ByteBuffer.allocate(SafeTensorsHeader.LENGTH_BYTES + header.length)
                  .order(ByteOrder.LITTLE_ENDIAN);
          head.putLong(header.length).put(header).flip();
          writeFully(channel, head);
          for (Pending tensor : ordered) {
            writeSegment(channel, tensor.data());
          }
        });
  }

  private byte[] header(List<Pending> ordered) {
    var json = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      json.append("\"__metadata__\":{");
      String separator = "";
      for (var entry : metadata.entrySet()) {
        json.append(separator).append(quote(entry.getKey())).append(':');
        json.append(quote(entry.getValue()));
        separator = ",";
      }
      json.append('}');
    }
    long at = 0;
    for (Pending tensor : ordered) {
      long end = at + tensor.data().byteSize();
      json.append(json.length() > 1 ? "," : "").append(quote(tensor.name()));
      json.append(":{\"dtype\":\"").append(tensor.type()).append("\",\"shape\":");
      json.append(tensor.shape().toString().replace(" ", ""));
      json.append(",\"data_offsets\":[").append(at).append(',').append(end).append("]}");
      at = end;
    }
    json.append('}');
    byte[] utf8 = json.toString().getBytes(StandardCharsets.UTF_8);
    int total = SafeTensorsHeader.LENGTH_BYTES + utf8.length;
    int padded = Math.ceilDiv(total, DATA_ALIGNMENT) * DATA_ALIGNMENT;
    byte[] header = Arrays.copyOf(utf8, padded - SafeTensorsHeader.LENGTH_BYTES);
    Arrays.fill(header, utf8.length, header.length, (byte) ' ');
    return header;
  }

  private static String quote(String text) {
    var quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < 0x20) {
        quoted.append("\\u00").append(HexFormat.of().toHexDigits((byte) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  private static void writeSegment(FileChannel channel, MemorySegment data) throws IOException {
    for (long at = 0; at < data.byteSize(); at += CHUNK_BYTES) {
      MemorySegment chunk = data.asSlice(at, Math.min(CHUNK_BYTES, data.byteSize() - at));
      // Only native memory and byte[] have a buffer view.
      writeFully(
          channel,
          chunk.isNative()
              ? chunk.asByteBuffer()
              : ByteBuffer.wrap(chunk.toArray(ValueLayout.JAVA_BYTE)));
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
