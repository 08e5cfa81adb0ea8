package birkhoff.tests.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import birkhoff.engine.io.FormatException;
import birkhoff.engine.io.SafeTensorsReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MalformedSafeTensorsTest {
  private static final String GOOD =
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";

  @TempDir Path folder;

  static Stream<Arguments> headers() {
    return Stream.of(
        Arguments.of("", 8, 8, "must begin with '{'"),
        Arguments.of(" {}", 0, 8, "must begin with '{'"),
        Arguments.of("[]", 0, 8, "must begin with '{'"),
        Arguments.of("{", 0, 9, "a string was expected"),
        Arguments.of("{}x", 0, 10, "only spaces may follow"),
        Arguments.of("{}", 4, 10, "4 bytes of data belong to no tensor"),
        Arguments.of("{'a':1}", 0, 9, "a string was expected"),
        Arguments.of("{\"a\":1}", 0, 13, "'{' was expected"),
        Arguments.of("{\"a\":{}}", 0, 13, "needs dtype, shape and data_offsets"),
        Arguments.of(GOOD.replace("F32", "F31"), 8, 22, "unknown dtype 'F31'"),
        Arguments.of(GOOD.replace("F32", "F64"), 8, 13, "needs 16 bytes, data_offsets give 8"),
        Arguments.of(GOOD.replace("[2]", "[3]"), 8, 13, "needs 12 bytes, data_offsets give 8"),
        Arguments.of(GOOD.replace("[2]", "[-2]"), 8, 37, "non-negative integer"),
        Arguments.of(GOOD.replace("[2]", "[2.0]"), 8, 38, "',' or ']' was expected"),
        Arguments.of(GOOD.replace("[2]", "[02]"), 8, 37, "leading zeros"),
        Arguments.of(GOOD.replace("[2]", "[99999999999999999999]"), 8, 37, "63 bits"),
        Arguments.of(GOOD.replace("[2]", "[4294967296,4294967296]"), 8, 13, "overflows 63 bits"),
        Arguments.of(GOOD.replace("[0,8]", "[8,0]"), 8, 13, "begins at 8, after its end 0"),
        Arguments.of(GOOD.replace("[0,8]", "[0,8,16]"), 8, 55, "at most 2 numbers"),
        Arguments.of(GOOD.replace("[0,8]", "[0]"), 8, 13, "data_offsets [begin, end]"),
        Arguments.of(GOOD.replace("[0,8]", "[4,12]"), 12, 9, "begins at 4 where 0 was expected"),
        Arguments.of(GOOD, 4, 9, "after the end of the data at 4"),
        Arguments.of(GOOD, 9, 62, "1 bytes of data belong to no tensor"),
        Arguments.of(GOOD.replace("\"shape\"", "\"dtype\""), 8, 28, "duplicate field 'dtype'"),
        Arguments.of(GOOD.replace("\"shape\"", "\"sharp\""), 8, 28, "unknown field 'sharp'"),
        Arguments.of(GOOD.replace("\"a\"", "\"\\x\""), 8, 10, "unknown escape"),
        Arguments.of(GOOD.replace("\"a\"", "\"\\u00g0\""), 8, 10, "four hexadecimal digits"),
        Arguments.of(GOOD.replace("\"a\"", "\"\n\""), 8, 10, "control characters"),
        Arguments.of("{\"a", 0, 9, "the string does not end"),
        Arguments.of("{\"__metadata__\":{\"k\":1}}", 0, 29, "a string was expected"),
        Arguments.of("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, 33, "duplicate metadata"),
        Arguments.of("{\"__metadata__\":{},\"__metadata__\":{}}", 0, 27, "duplicate __meta"),
        Arguments.of(
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]},"
                + "\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[1,2]}}",
            2,
            60,
            "duplicate tensor name 'a'"),
        Arguments.of(
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}",
            3,
            61,
            "begins at 1 where 2 was expected"));
  }

  @ParameterizedTest
  @MethodSource("headers")
  void aBrokenHeaderIsNamedWithItsPlace(String header, int dataBytes, long offset, String rule)
      throws IOException {
    Path file = write(header.getBytes(StandardCharsets.UTF_8), dataBytes);
    FormatException broken = catchThrowableOfType(FormatException.class, () -> open(file));
    assertThat(broken).as("a refusal of " + header).isNotNull();
    assertThat(broken.getMessage()).contains(rule).contains(file.toString());
    assertThat(broken.offset()).isEqualTo(offset);
  }

  @Test
  void lengthsThatLieAreRefused() throws IOException {
    Path shorter = Files.write(folder.resolve("short"), new byte[5]);
    assertThat(catchThrowableOfType(FormatException.class, () -> open(shorter)))
        .hasMessageContaining("at least 8 bytes");
    for (long length : new long[] {1, -1, Long.MAX_VALUE, 200_000_000}) {
      Path file =
          Files.write(
              folder.resolve("lie"),
              ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());
      assertThat(catchThrowableOfType(FormatException.class, () -> open(file)))
          .hasMessageContaining("header length " + Long.toUnsignedString(length));
    }
  }

  @Test
  void invalidUtf8IsRefused() throws IOException {
    byte[] header = GOOD.getBytes(StandardCharsets.ISO_8859_1);
    header[2] = (byte) 0xff;
    Path file = write(header, 8);
    FormatException broken = catchThrowableOfType(FormatException.class, () -> open(file));
    assertThat(broken).hasMessageContaining("not valid UTF-8");
    assertThat(broken.offset()).isEqualTo(10);
  }

  @Test
  void damagedFilesNeverFailInAnotherWay() throws IOException {
    byte[] good = Files.readAllBytes(write(GOOD.getBytes(StandardCharsets.UTF_8), 8));
    var random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] bad = good.clone();
      for (int k = 1 + random.nextInt(3); k > 0; k--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      if (random.nextInt(4) == 0) {
        bad = Arrays.copyOf(bad, random.nextInt(bad.length));
      }
      Path file = Files.write(folder.resolve("fuzz"), bad);
      try {
        open(file);
      } catch (FormatException e) {
        refused++;
        assertThat(e.offset()).isBetween(0L, (long) bad.length);
      }
    }
    assertThat(refused).isGreaterThan(2000);
  }

  private static void open(Path file) throws IOException {
    SafeTensorsReader.open(file).close();
  }

  private Path write(byte[] header, int dataBytes) throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.write(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
    bytes.write(header);
    bytes.write(new byte[dataBytes]);
    return Files.write(folder.resolve("broken.safetensors"), bytes.toByteArray());
  }
}
