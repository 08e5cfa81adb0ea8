package birkhoff.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.io.FormatException;
import birkhoff.tests.support.Campaign;
import birkhoff.transformer.exchange.GgufEntry;
import birkhoff.transformer.exchange.GgufReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GGUF files that break a rule each, or only look as if they did. */
class HostileGgufTest {
  private static final int F32 = 0;
  private static final long MUCH = Long.MAX_VALUE;

  @TempDir private Path folder;

  private GgufReader open(byte[] bytes) throws IOException {
    return GgufReader.open(Files.write(folder.resolve("a.gguf"), bytes));
  }

  private static GgufPieces keys(int entries) {
    return GgufPieces.begin(3, 0, entries).data(64);
  }

  private static GgufPieces tensors(int count) {
    return GgufPieces.begin(3, count, 0).data(64);
  }

  /** What is wrong with each, in words of the message. */
  private static Map<GgufPieces, String> broken() {
    Map<GgufPieces, String> all = new LinkedHashMap<>();
    all.put(new GgufPieces().raw("GGML").int32(3), "begins with GGUF");
    all.put(GgufPieces.begin(1, 0, 0), "this one is 1");
    all.put(GgufPieces.begin(4, 0, 0), "this one is 4");
    all.put(GgufPieces.begin(0x0300_0000, 0, 0), "big-endian");
    all.put(GgufPieces.begin(3, -1, 0), "the number of tensors 18446744073709551615 exceeds");
    all.put(GgufPieces.begin(3, 1000, 0), "the number of tensors 1000 exceeds");
    all.put(GgufPieces.begin(3, 0, MUCH), "the number of entries " + MUCH + " exceeds");
    all.put(keys(1).int64(MUCH), "the length of a key " + MUCH + " exceeds");
    all.put(keys(1).string("k".repeat(65_536)).int32(7).bytes((byte) 1), "longer than 65535");
    all.put(keys(1).int64(2).bytes((byte) 0xc0, (byte) 0xaf).int64(0), "not UTF-8");
    all.put(keys(1).string("key").int32(13).int64(0), "there is no type 13");
    all.put(keys(1).string("key").int32(-1).int64(0), "there is no type -1");
    all.put(keys(1).string("key").int32(7).int64(2), "a truth value is 0 or 1");
    all.put(keys(1).string("key").int32(8).int64(1L << 40), "the length of a string");
    all.put(keys(1).string("key").int32(8).int64(1).bytes((byte) 0xff), "not UTF-8");
    all.put(keys(1).string("key").int32(9).int32(9).int64(1), "arrays of arrays");
    all.put(keys(1).string("key").int32(9).int32(99).int64(1), "there is no type 99");
    all.put(keys(1).string("key").int32(9).int32(12).int64(1L << 61), "the length of an array");
    all.put(
        keys(1).string("key").int32(9).int32(8).int64(2).int64(3).raw("abc").int64(MUCH),
        "the length of a string " + MUCH);
    all.put(
        keys(2).string("k").int32(7).bytes((byte) 1).string("k").int32(7).bytes((byte) 1),
        "duplicate key 'k'");
    for (int alignment : new int[] {0, 4, 24, -32}) {
      all.put(keys(1).string("general.alignment").int32(4).int32(alignment), "a power of two");
    }
    all.put(keys(1).string("general.alignment").int32(8).string("32"), "a power of two");
    all.put(tensors(1).tensor("t", F32, 0, 1, 1, 1, 1, 1).data(4), "a rank of 5");
    all.put(tensors(1).string("t").int32(-1).int64(0).int64(0), "a rank of 4294967295");
    all.put(tensors(1).tensor("t", F32, 0, -1).data(4), "an extent of 18446744073709551615");
    all.put(tensors(1).tensor("t", F32, 0, 1L << 32, 1L << 32).data(4), "exceeds 63 bits");
    all.put(tensors(1).tensor("t", F32, 0, 1L << 62).data(4), "exceeds 63 bits");
    all.put(tensors(1).tensor("t", 24, 0, MUCH).data(4), "after the end of the data");
    all.put(tensors(1).tensor("t", F32, 0, 3).data(8), "after the end of the data");
    all.put(tensors(1).tensor("t", 99, 0, 1).data(4), "an unknown type 99");
    all.put(tensors(1).tensor("t", 8, 0, 33).data(64), "rows of 33, no multiple of 32 for Q8_0");
    all.put(tensors(1).tensor("t", F32, 32, 1).data(64), "begins at 32, where 0 was expected");
    all.put(tensors(1).tensor("t", F32, -32, 1).data(4), "begins at -32, where 0 was expected");
    all.put(
        tensors(2).tensor("t", F32, 0, 1).tensor("u", F32, 4, 1).data(64),
        "begins at 4, where 32 was expected");
    all.put(
        tensors(2).tensor("t", F32, 0, 1).tensor("t", F32, 32, 1).data(64),
        "duplicate tensor name 't'");
    return all;
  }

  @Test
  void eachIsRefusedByItsRule() throws IOException {
    for (var each : broken().entrySet()) {
      byte[] bytes = each.getKey().file();
      assertThatThrownBy(() -> open(bytes))
          .as(each.getValue())
          .isInstanceOf(FormatException.class)
          .hasMessageContaining(each.getValue())
          .extracting(e -> ((FormatException) e).offset())
          .matches(offset -> (long) offset >= 0 && (long) offset <= bytes.length);
    }
    Campaign.ran("hostile GGUF", "%d files by hand", broken().size());
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] whole = GgufPieces.sample().file();
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> open(part))
          .as("%d bytes", length)
          .isInstanceOf(FormatException.class);
    }
    open(whole).close();
  }

  @Test
  void everyTypeIsRead() throws IOException {
    try (GgufReader reader = open(GgufPieces.sample().file())) {
      assertThat(reader.metadata())
          .containsEntry("general.architecture", "gpt2")
          .containsEntry("number.0", 0L)
          .containsEntry("number.6", 0f)
          .containsEntry("number.7", false)
          .containsEntry("number.12", 0.0)
          .containsEntry("tokens", "[2 of string]")
          .hasSize(14);
      assertThat(reader.tensors().stream().map(GgufEntry::type))
          .containsExactly("F32", "BF16", "Q8_0");
      assertThat(reader.tensors().stream().map(GgufEntry::shape))
          .containsExactly(List.of(2L, 3L), List.of(4L), List.of(1L, 32L));
      for (GgufEntry entry : reader.tensors()) {
        assertThat(reader.data(entry).byteSize()).isEqualTo(entry.byteSize());
      }
    }
  }

  @Test
  void numbersKeepTheirSignAndLongStringsAreCut() throws IOException {
    GgufPieces file = keys(8);
    file.string("u8").int32(0).bytes((byte) -1).string("i8").int32(1).bytes((byte) -1);
    file.string("u16").int32(2).bytes((byte) -1, (byte) -1);
    file.string("i16").int32(3).bytes((byte) -2, (byte) -1);
    file.string("u32").int32(4).int32(-1).string("i32").int32(5).int32(-3);
    file.string("u64").int32(10).int64(-1).string("long").int32(8).string("ä".repeat(150));
    try (GgufReader reader = open(file.file())) {
      assertThat(reader.metadata())
          .containsEntry("u8", 255L)
          .containsEntry("i8", -1L)
          .containsEntry("u16", 65_535L)
          .containsEntry("i16", -2L)
          .containsEntry("u32", 4_294_967_295L)
          .containsEntry("i32", -3L)
          .containsEntry("u64", "18446744073709551615")
          .containsEntry("long", "ä".repeat(100) + "…");
    }
  }

  @Test
  void whatIsNoFileIsRefused() {
    assertThatThrownBy(() -> GgufReader.open(folder)).hasMessageContaining("a regular file");
    assertThatThrownBy(() -> GgufReader.open(folder.resolve("none")))
        .isInstanceOf(IOException.class);
  }
}
