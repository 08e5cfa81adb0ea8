package birkhoff.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import birkhoff.engine.io.FormatException;
import birkhoff.engine.io.SafeTensorsEntry;
import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.tests.support.Campaign;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hand-made safetensors files that break a rule each, or only look as if they did. Each refusal
 * says where and which; {@code formats/MalformedSafeTensorsTest} has 40 more.
 */
@Timeout(120)
class HostileSafeTensorsTest {
  private static final String LEGAL = "";

  @TempDir private Path folder;

  private static byte[] file(byte[] header, long length, int data) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());
    bytes.writeBytes(header);
    bytes.writeBytes(new byte[data]);
    return bytes.toByteArray();
  }

  private static byte[] file(String header, int data) {
    byte[] utf8 = header.getBytes(StandardCharsets.UTF_8);
    return file(utf8, utf8.length, data);
  }

  private static byte[] raw(int data, int... header) {
    byte[] bytes = new byte[header.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) header[i];
    }
    return file(bytes, bytes.length, data);
  }

  private static String tensor(String name, String dtype, String shape, String offsets) {
    return "\""
        + name
        + "\":{\"dtype\":\""
        + dtype
        + "\",\"shape\":"
        + shape
        + ",\"data_offsets\":"
        + offsets
        + "}";
  }

  private static byte[] one(String name, String dtype, String shape, String offsets, int data) {
    return file("{" + tensor(name, dtype, shape, offsets) + "}", data);
  }

  private static String pair() {
    return tensor("a", "U8", "[1,2]", "[0,2]") + "," + tensor("b", "U8", "[2,1]", "[2,4]");
  }

  private static String noShape() {
    return "{\"__metadata__\":{}," + tensor("a", "U8", "[]", "[0,1]") + "}";
  }

  /** The same JSON with white space wherever it may stand, but not in front. */
  private static String spaced(String json) {
    return "{" + json.substring(1).replaceAll("([{}\\[\\],:])", " \t$1\r\n");
  }

  /** What is wrong with each, in words of the message; nothing for legal ones. */
  private static Map<String, Map.Entry<byte[], String>> cases() {
    Map<String, Map.Entry<byte[], String>> all = new LinkedHashMap<>();
    for (int n = 0; n < 8; n++) {
      all.put(n + " bytes", Map.entry(new byte[n], "at least 8 bytes"));
    }
    byte[] object = "{}".getBytes(StandardCharsets.UTF_8);
    long[] lengths = {0, 1, 3, 1L << 31, 1L << 62, Long.MIN_VALUE, -1, 100_000_001, 4096};
    for (long length : lengths) {
      String rule = length == 0 || length == 1 ? "" : "exceeds";
      all.put(
          "header length " + Long.toUnsignedString(length),
          Map.entry(
              file(object, length, 0),
              length == 0 ? "must begin with" : length == 1 ? "a string was expected" : rule));
    }
    all.put("a byte order mark", Map.entry(file("\ufeff{}", 0), "must begin with '{'"));
    all.put("overlong UTF-8", Map.entry(raw(0, '{', '"', 0xc0, 0xaf, '"', '}'), "UTF-8"));
    all.put(
        "a lone surrogate in UTF-8",
        Map.entry(raw(0, '{', '"', 0xed, 0xa0, 0x80, '"', '}'), "UTF-8"));
    all.put("UTF-16", Map.entry(raw(0, 0xff, 0xfe, '{', 0, '}', 0), "must begin with '{'"));
    all.put("a number on top", Map.entry(file("17", 0), "must begin with '{'"));
    all.put("a string on top", Map.entry(file("\"{}\"", 0), "must begin with '{'"));
    all.put("two objects", Map.entry(file("{}{}", 0), "only spaces may follow"));
    all.put("a line feed at the end", Map.entry(file("{}\n", 0), LEGAL));
    all.put("spaces at the end", Map.entry(file("{}      ", 0), LEGAL));
    all.put("white space alone in an object", Map.entry(file("{ \t\r\n}", 0), LEGAL));
    all.put(
        "white space between all tokens",
        Map.entry(
            file(spaced("{\"__metadata__\":{\"k\":\"v\",\"l\":\"w\"}," + pair() + "}"), 4), LEGAL));
    all.put("white space in empty lists", Map.entry(file(spaced(noShape()), 1), LEGAL));
    for (String field : List.of("\"dtype\":\"U8\"", "\"shape\":[1]", "\"data_offsets\":[0,1]")) {
      all.put(
          "twice " + field,
          Map.entry(file("{\"a\":{" + field + "," + field + "}}", 1), "duplicate field"));
    }
    all.put("an unfinished object", Map.entry(file("{\"a\":{\"dtype\":\"F32\"", 0), "expected"));
    all.put(
        "metadata that is a list", Map.entry(file("{\"__metadata__\":[]}", 0), "'{' was expected"));
    all.put(
        "metadata that nests",
        Map.entry(file("{\"__metadata__\":{\"a\":{}}}", 0), "a string was expected"));
    all.put(
        "metadata that is null", Map.entry(file("{\"__metadata__\":null}", 0), "'{' was expected"));
    all.put(
        "a lower-case dtype", Map.entry(one("a", "f32", "[1]", "[0,4]", 4), "unknown dtype 'f32'"));
    all.put("an empty dtype", Map.entry(one("a", "", "[1]", "[0,4]", 4), "unknown dtype ''"));
    all.put("a shape of 1e400", Map.entry(one("a", "F32", "[1e400]", "[0,4]", 4), "expected"));
    all.put("a fractional shape", Map.entry(one("a", "F32", "[0.5]", "[0,4]", 4), "expected"));
    all.put(
        "a shape of 2^63",
        Map.entry(one("a", "F32", "[9223372036854775808]", "[0,4]", 4), "63 bits"));
    all.put("a shape in words", Map.entry(one("a", "F32", "[\"1\"]", "[0,4]", 4), "integer"));
    all.put("a nested shape", Map.entry(one("a", "F32", "[[1]]", "[0,4]", 4), "integer"));
    all.put("no shape", Map.entry(one("a", "F32", "null", "[0,4]", 4), "'[' was expected"));
    all.put(
        "a product that overflows with a zero",
        Map.entry(
            one("a", "F32", "[0,9223372036854775807,9223372036854775807]", "[0,0]", 0), LEGAL));
    String many =
        IntStream.range(0, 10_000).mapToObj(i -> "1").collect(Collectors.joining(",", "[", "]"));
    all.put(
        "10,000 dimensions", Map.entry(one("a", "F32", many, "[0,4]", 4), "at most 32 numbers"));
    all.put("rank 0", Map.entry(one("a", "F32", "[]", "[0,4]", 4), LEGAL));
    all.put("no elements", Map.entry(one("a", "F32", "[3,0]", "[0,0]", 0), LEGAL));
    all.put("negative offsets", Map.entry(one("a", "F32", "[1]", "[-4,0]", 4), "non-negative"));
    all.put(
        "an end past the data",
        Map.entry(one("a", "F32", "[2]", "[0,8]", 4), "after the end of the data"));
    all.put(
        "a hole",
        Map.entry(
            file(
                "{"
                    + tensor("a", "U8", "[1]", "[0,1]")
                    + ","
                    + tensor("b", "U8", "[1]", "[2,3]")
                    + "}",
                3),
            "where 1 was expected"));
    all.put(
        "a whole overlap",
        Map.entry(
            file(
                "{"
                    + tensor("a", "U8", "[2]", "[0,2]")
                    + ","
                    + tensor("b", "U8", "[2]", "[0,2]")
                    + "}",
                2),
            "where 2 was expected"));
    all.put(
        "an order of its own",
        Map.entry(
            file(
                "{"
                    + tensor("b", "U8", "[1]", "[1,2]")
                    + ","
                    + tensor("a", "U8", "[1]", "[0,1]")
                    + "}",
                2),
            LEGAL));
    all.put("an empty name", Map.entry(one("", "U8", "[1]", "[0,1]", 1), LEGAL));
    all.put("a name that climbs", Map.entry(one("../../x", "U8", "[1]", "[0,1]", 1), LEGAL));
    all.put("a name with NUL", Map.entry(one("\\u0000", "U8", "[1]", "[0,1]", 1), LEGAL));
    all.put(
        "a lone surrogate in a name",
        Map.entry(one("\\ud800", "U8", "[1]", "[0,1]", 1), "surrogate"));
    all.put(
        "a pair of surrogates in a name",
        Map.entry(one("\\ud83d\\ude00", "U8", "[1]", "[0,1]", 1), LEGAL));
    all.put("a name of 1 MB", Map.entry(one("n".repeat(1 << 20), "U8", "[1]", "[0,1]", 1), LEGAL));
    all.put(
        "100,000 brackets",
        Map.entry(file("{\"a\":" + "[".repeat(100_000), 0), "'{' was expected"));
    all.put("100,000 braces", Map.entry(file("{\"a\":".repeat(100_000), 0), "unknown field"));
    return all;
  }

  /** Reads every byte; the number of tensors. */
  private static int read(Path path) throws IOException {
    try (var reader = SafeTensorsReader.open(path)) {
      for (SafeTensorsEntry entry : reader.tensors()) {
        var data = reader.data(entry);
        for (long i = 0; i < data.byteSize(); i++) {
          data.get(ValueLayout.JAVA_BYTE, i);
        }
      }
      return reader.tensors().size();
    }
  }

  @Test
  void eachIsRefusedByItsRuleOrRead() throws IOException {
    int refused = 0;
    for (var each : cases().entrySet()) {
      byte[] bytes = each.getValue().getKey();
      Path path = Files.write(folder.resolve("hostile.safetensors"), bytes);
      Throwable thrown = catchThrowable(() -> read(path));
      String rule = each.getValue().getValue();
      if (rule.equals(LEGAL)) {
        assertThat(thrown).as(each.getKey()).isNull();
      } else {
        assertThat(thrown).as(each.getKey()).isInstanceOf(FormatException.class);
        assertThat(thrown).as(each.getKey()).hasMessageContaining(rule);
        assertThat(((FormatException) thrown).offset())
            .as(each.getKey())
            .isBetween(0L, (long) bytes.length);
        refused++;
      }
    }
    Campaign.ran("hostile safetensors", "%d files by hand, %d refused", cases().size(), refused);
    assertThat(cases()).hasSizeGreaterThan(50);
  }

  @Test
  void aMillionTensorsAreRead() throws IOException {
    int count = 1_000_000;
    var header = new StringBuilder("{");
    for (int i = 0; i < count; i++) {
      header.append(i == 0 ? "" : ",").append(tensor("" + i, "U8", "[0]", "[0,0]"));
    }
    Path path = Files.write(folder.resolve("many"), file(header.append('}').toString(), 0));
    assertThat(read(path)).isEqualTo(count);
  }

  @Test
  void aMillionEntriesOfMetadataAreRead() throws IOException {
    int count = 1_000_000;
    var header = new StringBuilder("{\"__metadata__\":{");
    for (int i = 0; i < count; i++) {
      header.append(i == 0 ? "" : ",").append('"').append(i).append("\":\"\"");
    }
    Path path = Files.write(folder.resolve("many"), file(header.append("}}").toString(), 0));
    try (var reader = SafeTensorsReader.open(path)) {
      assertThat(reader.metadata()).hasSize(count);
    }
  }

  @Test
  void aFileThatShrinksWhileItIsOpenCausesNoCrash() throws IOException {
    Path path =
        Files.write(folder.resolve("shrinks"), one("a", "U8", "[100000]", "[0,100000]", 100_000));
    try (var reader = SafeTensorsReader.open(path)) {
      try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
        channel.truncate(200);
      }
      var data = reader.data(reader.tensor("a"));
      assertThat(catchThrowable(() -> data.get(ValueLayout.JAVA_BYTE, 99_999)))
          .isInstanceOf(InternalError.class);
    }
  }

  @Test
  void whatIsNoFileIsRefused() throws Exception {
    assertThat(catchThrowable(() -> read(folder)))
        .hasMessageContaining("a regular file, this is none");
    assertThat(catchThrowable(() -> read(folder.resolve("none")))).isInstanceOf(IOException.class);
    Path a = folder.resolve("a");
    Files.createSymbolicLink(a, folder.resolve("b"));
    Files.createSymbolicLink(folder.resolve("b"), a);
    assertThat(catchThrowable(() -> read(a))).isInstanceOf(IOException.class);
    Path zero = Path.of("/dev/zero");
    assumeTrue(Files.exists(zero), "a system with devices");
    assertThat(catchThrowable(() -> read(zero)))
        .isInstanceOfAny(IOException.class, FormatException.class);
    Path pipe = folder.resolve("pipe");
    Process made = new ProcessBuilder("mkfifo", pipe.toString()).start();
    assumeTrue(made.waitFor(5, TimeUnit.SECONDS) && made.exitValue() == 0, "mkfifo");
    assertThat(catchThrowable(() -> read(pipe)))
        .isInstanceOfAny(IOException.class, FormatException.class);
  }

  @Test
  void aFileThatMayNotBeReadIsRefused() throws IOException {
    Path secret = Files.write(folder.resolve("secret"), file("{}", 0));
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
    assumeTrue(!Files.isReadable(secret), "not root");
    assertThat(catchThrowable(() -> read(secret))).isInstanceOf(IOException.class);
  }
}
