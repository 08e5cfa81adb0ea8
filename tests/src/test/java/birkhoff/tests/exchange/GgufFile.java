package birkhoff.tests.exchange;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A plain reader of GGUF files, after ggml's docs/gguf.md. */
record GgufFile(
    Map<String, Object> keys, Map<String, List<Long>> shapes, Map<String, float[]> tensors) {
  private static final int ALIGNMENT = 32;

  static GgufFile read(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    if (in.getInt() != 0x46554747 || in.getInt() != 3) {
      throw new IOException("not GGUF version 3");
    }
    long tensorCount = in.getLong();
    long keyCount = in.getLong();
    var keys = new LinkedHashMap<String, Object>();
    for (long i = 0; i < keyCount; i++) {
      keys.put(string(in), value(in, in.getInt()));
    }
    var shapes = new LinkedHashMap<String, List<Long>>();
    var offsets = new LinkedHashMap<String, Long>();
    for (long i = 0; i < tensorCount; i++) {
      String name = string(in);
      var shape = new ArrayList<Long>();
      for (int n = in.getInt(); n > 0; n--) {
        shape.add(in.getLong());
      }
      if (in.getInt() != 0) {
        throw new IOException(name + " is not float32");
      }
      shapes.put(name, shape);
      offsets.put(name, in.getLong());
    }
    int start = Math.ceilDiv(in.position(), ALIGNMENT) * ALIGNMENT;
    var tensors = new LinkedHashMap<String, float[]>();
    for (String name : shapes.keySet()) {
      if (offsets.get(name) % ALIGNMENT != 0) {
        throw new IOException(name + " is not aligned");
      }
      int count = (int) shapes.get(name).stream().mapToLong(n -> n).reduce(1, (a, b) -> a * b);
      var numbers = new float[count];
      int at = start + offsets.get(name).intValue();
      in.slice(at, 4 * count).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(numbers);
      tensors.put(name, numbers);
    }
    return new GgufFile(keys, shapes, tensors);
  }

  private static String string(ByteBuffer in) {
    var bytes = new byte[Math.toIntExact(in.getLong())];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static Object value(ByteBuffer in, int type) throws IOException {
    return switch (type) {
      case 4, 5 -> in.getInt();
      case 6 -> in.getFloat();
      case 7 -> in.get() != 0;
      case 8 -> string(in);
      case 9 -> {
        int of = in.getInt();
        var list = new ArrayList<Object>();
        for (long n = in.getLong(); n > 0; n--) {
          list.add(value(in, of));
        }
        yield list;
      }
      default -> throw new IOException("a value of type " + type);
    };
  }
}
