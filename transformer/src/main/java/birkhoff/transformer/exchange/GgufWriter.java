package birkhoff.transformer.exchange;

import birkhoff.engine.io.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes GGUF version 3 with float32 tensors, as ggml's docs/gguf.md describes it. The data must
 * stay as they are until {@link #write}. Not thread-safe.
 */
final class GgufWriter {
  private static final int VERSION = 3;
  private static final int ALIGNMENT = 32;
  private static final int UINT32 = 4;
  private static final int INT32 = 5;
  private static final int FLOAT32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;
  private static final int TENSOR_F32 = 0;
  private static final int CHUNK_BYTES = 1 << 26;

  private final ByteArrayOutputStream metadata = new ByteArrayOutputStream();
  private final List<StoredTensor> tensors = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private long entries;

  GgufWriter put(String key, int value) {
    return number(key, UINT32, value);
  }

  GgufWriter put(String key, float value) {
    return number(key, FLOAT32, Float.floatToRawIntBits(value));
  }

  GgufWriter put(String key, boolean value) {
    begin(key, BOOL);
    metadata.write(value ? 1 : 0);
    return this;
  }

  GgufWriter put(String key, String value) {
    begin(key, STRING);
    string(metadata, value);
    return this;
  }

  GgufWriter put(String key, List<String> values) {
    array(key, STRING, values.size());
    values.forEach(value -> string(metadata, value));
    return this;
  }

  GgufWriter put(String key, int... values) {
    array(key, INT32, values.length);
    for (int value : values) {
      int32(metadata, value);
    }
    return this;
  }

  /** Adds a float32 tensor, whose shape is written from its fastest extent on. */
  GgufWriter tensor(String name, StoredTensor tensor) {
    names.add(name);
    tensors.add(tensor);
    return this;
  }

  private GgufWriter number(String key, int type, int bits) {
    begin(key, type);
    int32(metadata, bits);
    return this;
  }

  private void array(String key, int type, int length) {
    begin(key, ARRAY);
    int32(metadata, type);
    int64(metadata, length);
  }

  private void begin(String key, int type) {
    entries++;
    string(metadata, key);
    int32(metadata, type);
  }

  private static void string(ByteArrayOutputStream to, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int64(to, utf8.length);
    to.writeBytes(utf8);
  }

  private static void int32(ByteArrayOutputStream to, int value) {
    to.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  private static void int64(ByteArrayOutputStream to, long value) {
    to.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }

  /** Writes the file atomically. */
  void write(Path file) throws IOException {
    var head = new ByteArrayOutputStream();
    head.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    int32(head, VERSION);
    int64(head, tensors.size());
    int64(head, entries);
    metadata.writeTo(head);
    long at = 0;
    for (int i = 0; i < tensors.size(); i++) {
      long[] shape = tensors.get(i).shape();
      string(head, names.get(i));
      int32(head, shape.length);
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        int64(head, shape[axis]);
      }
      int32(head, TENSOR_F32);
      int64(head, at);
      at = aligned(at + tensors.get(i).data().byteSize());
    }
    AtomicFile.write(
        file,
        channel -> {
          writeAligned(channel, MemorySegment.ofArray(head.toByteArray()));
          for (StoredTensor tensor : tensors) {
            writeAligned(channel, tensor.data());
          }
        });
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, (long) ALIGNMENT) * ALIGNMENT;
  }

  private static void writeAligned(FileChannel channel, MemorySegment data) throws IOException {
    for (long at = 0; at < data.byteSize(); at += CHUNK_BYTES) {
      long bytes = Math.min(CHUNK_BYTES, data.byteSize() - at);
      writeFully(channel, data.asSlice(at, bytes).asByteBuffer());
    }
    int padding = Math.toIntExact(aligned(data.byteSize()) - data.byteSize());
    writeFully(channel, ByteBuffer.allocate(padding));
  }

  private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
