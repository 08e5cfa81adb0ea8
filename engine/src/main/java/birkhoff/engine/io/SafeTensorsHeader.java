package birkhoff.engine.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parsed and checked header of a safetensors file. */
final class SafeTensorsHeader {
  /** Bytes before the header: its length as a little-endian unsigned 64-bit integer. */
  static final int LENGTH_BYTES = 8;

  private static final String METADATA = "__metadata__";
  private static final int MAX_RANK = 32;

  private final JsonScanner in;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, SafeTensorsEntry> entries = new LinkedHashMap<>();
  private final Map<String, Integer> entryOffsets = new HashMap<>();

  private SafeTensorsHeader(JsonScanner in) {
    this.in = in;
  }

  /**
   * Parses the header and checks it against the size of the data that follows it.
   *
   * @throws FormatException for every broken rule
   */
  static SafeTensorsHeader parse(Path file, byte[] json, long dataBytes) {
    var in = new JsonScanner(file, LENGTH_BYTES, json);
    if (json.length == 0 || json[0] != '{') {
      throw in.broken(0, "the header must begin with '{'");
    }
    var header = new SafeTensorsHeader(in);
    header.parseTop();
    header.checkLayout(dataBytes, json.length);
    return header;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  Map<String, SafeTensorsEntry> entries() {
    return entries;
  }

  private void parseTop() {
    if (in.openObject()) {
      boolean metadataSeen = false;
      do {
        in.skipSpace();
        int start = in.position();
        String name = in.key();
        if (name.equals(METADATA)) {
          if (metadataSeen) {
            throw in.broken(start, "duplicate " + METADATA);
          }
          metadataSeen = true;
          parseMetadata();
        } else {
          if (entries.putIfAbsent(name, parseTensor(name)) != null) {
            throw in.broken(start, "duplicate tensor name '" + name + "'");
          }
          entryOffsets.put(name, start);
        }
      } while (in.more('}'));
    }
    in.skipSpace();
    if (!in.atEnd()) {
      throw in.broken(in.position(), "only spaces may follow the header object");
    }
  }

  private void parseMetadata() {
    if (!in.openObject()) {
      return;
    }
    do {
      in.skipSpace();
      int start = in.position();
      String key = in.key();
      if (metadata.putIfAbsent(key, in.string()) != null) {
        throw in.broken(start, "duplicate metadata key '" + key + "'");
      }
    } while (in.more('}'));
  }

  private SafeTensorsEntry parseTensor(String name) {
    int start = in.position();
    SafeTensorsType type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    if (in.openObject()) {
      do {
        in.skipSpace();
        int fieldStart = in.position();
        String field = in.key();
        switch (field) {
          case "dtype" -> {
            refuseRepeat(type, field, fieldStart);
            type = type();
          }
          case "shape" -> {
            refuseRepeat(shape, field, fieldStart);
            shape = in.integers(MAX_RANK);
          }
          case "data_offsets" -> {
            refuseRepeat(offsets, field, fieldStart);
            offsets = in.integers(2);
          }
          default ->
              throw in.broken(
                  fieldStart,
                  "unknown field '" + field + "' (a tensor has dtype, shape and data_offsets)");
        }
      } while (in.more('}'));
    }
    if (type == null || shape == null || offsets == null || offsets.size() != 2) {
      throw in.broken(
          start, "tensor '" + name + "' needs dtype, shape and data_offsets [begin, end]");
    }
    return checked(new SafeTensorsEntry(name, type, shape, offsets.get(0), offsets.get(1)), start);
  }

  private SafeTensorsEntry checked(SafeTensorsEntry entry, int start) {
    if (entry.begin() > entry.end()) {
      throw in.broken(
          start,
          "tensor '"
              + entry.name()
              + "' begins at "
              + entry.begin()
              + ", after its end "
              + entry.end());
    }
    long needed;
    try {
      needed = SafeTensorsEntry.byteSize(entry.type(), entry.shape());
    } catch (ArithmeticException e) {
      throw in.broken(
          start, "shape " + entry.shape() + " of '" + entry.name() + "' overflows 63 bits");
    }
    if (needed != entry.byteSize()) {
      throw in.broken(
          start,
          describe(entry) + " needs " + needed + " bytes, data_offsets give " + entry.byteSize());
    }
    return entry;
  }

  private static String describe(SafeTensorsEntry entry) {
    return "tensor '" + entry.name() + "' of " + entry.type() + " " + entry.shape();
  }

  private void refuseRepeat(Object earlier, String field, int start) {
    if (earlier != null) {
      throw in.broken(start, "duplicate field '" + field + "'");
    }
  }

  private SafeTensorsType type() {
    int start = in.position();
    String name = in.string();
    for (SafeTensorsType type : SafeTensorsType.values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw in.broken(start, "unknown dtype '" + name + "'");
  }

  /** The tensors must tile the data exactly: no hole, no overlap, nothing after the last. */
  private void checkLayout(long dataBytes, int jsonBytes) {
    List<SafeTensorsEntry> sorted = new ArrayList<>(entries.values());
    sorted.sort(
        Comparator.comparingLong(SafeTensorsEntry::begin).thenComparingLong(SafeTensorsEntry::end));
    long next = 0;
    for (SafeTensorsEntry entry : sorted) {
      int start = entryOffsets.get(entry.name());
      if (entry.begin() != next) {
        throw in.broken(
            start,
            describe(entry)
                + " begins at "
                + entry.begin()
                + " where "
                + next
                + " was expected: tensors must follow one another");
      }
      if (entry.end() > dataBytes) {
        throw in.broken(
            start,
            describe(entry)
                + " ends at "
                + entry.end()
                + ", after the end of the data at "
                + dataBytes
                + " (truncated file?)");
      }
      next = entry.end();
    }
    if (next != dataBytes) {
      throw in.broken(
          jsonBytes,
          (dataBytes - next) + " bytes of data belong to no tensor: the last one ends at " + next);
    }
  }
}
