package birkhoff.tests.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.io.SafeTensorsEntry;
import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.engine.io.SafeTensorsType;
import birkhoff.engine.io.SafeTensorsWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsTest {
  @TempDir Path folder;

  @Test
  void everyBitComesBack() throws IOException {
    Path file = folder.resolve("model.safetensors");
    float[] floats = {1f, -0f, Float.NaN, Float.MIN_VALUE, Float.POSITIVE_INFINITY, 3.1415927f};
    double[] doubles = {Math.PI, -1e300};
    new SafeTensorsWriter()
        .metadata("format", "test")
        .metadata("odd \"key\"\n", "tab\tback\\slash é 語 😀")
        .add("weight", SafeTensorsType.F32, new long[] {2, 3}, MemorySegment.ofArray(floats))
        .add("moments/δ", SafeTensorsType.F64, new long[] {2}, MemorySegment.ofArray(doubles))
        .add("empty", SafeTensorsType.F32, new long[] {0, 4}, MemorySegment.ofArray(new float[0]))
        .add("step", SafeTensorsType.I64, new long[0], MemorySegment.ofArray(new long[] {-7}))
        .write(file);

    try (var reader = SafeTensorsReader.open(file)) {
      assertThat(reader.metadata())
          .containsEntry("format", "test")
          .containsEntry("odd \"key\"\n", "tab\tback\\slash é 語 😀");
      assertThat(reader.tensors()).hasSize(4);
      SafeTensorsEntry weight = reader.tensor("weight");
      assertThat(weight.shape()).containsExactly(2L, 3L);
      assertThat(weight.elements()).isEqualTo(6);
      assertThat(reader.data(weight).toArray(ValueLayout.JAVA_INT_UNALIGNED))
          .isEqualTo(MemorySegment.ofArray(floats).toArray(ValueLayout.JAVA_INT_UNALIGNED));
      assertThat(reader.data(reader.tensor("moments/δ")).toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED))
          .isEqualTo(doubles);
      assertThat(reader.tensor("empty").elements()).isZero();
      assertThat(reader.tensor("step").elements()).isEqualTo(1);
      assertThat(reader.data(reader.tensor("step")).get(ValueLayout.JAVA_LONG_UNALIGNED, 0))
          .isEqualTo(-7);
      assertThatThrownBy(() -> reader.tensor("nothing"))
          .isInstanceOf(NoSuchElementException.class)
          .hasMessageContaining("nothing");
    }
  }

  @Test
  void theBytesAreThoseOfTheFormat() throws IOException {
    Path file = folder.resolve("layout.safetensors");
    new SafeTensorsWriter()
        .add("a", SafeTensorsType.U8, new long[] {3}, MemorySegment.ofArray(new byte[] {7, 8, 9}))
        .add("b", SafeTensorsType.F32, new long[] {1}, MemorySegment.ofArray(new float[] {1f}))
        .write(file);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int length = Math.toIntExact(bytes.getLong(0));
    String header = new String(bytes.array(), 8, length, StandardCharsets.UTF_8);
    assertThat(header.strip())
        .isEqualTo(
            "{\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                + "\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[4,7]}}");
    assertThat((8 + length) % 64).isZero();
    assertThat(bytes.getFloat(8 + length)).isEqualTo(1f);
    assertThat(bytes.get(8 + length + 4)).isEqualTo((byte) 7);
    assertThat(bytes.limit()).isEqualTo(8 + length + 7);
  }

  @Test
  void dataAreReadOnlyAndDieWithTheReader() throws IOException {
    Path file = folder.resolve("one.safetensors");
    new SafeTensorsWriter()
        .add("x", SafeTensorsType.F32, new long[] {1}, MemorySegment.ofArray(new float[] {2f}))
        .write(file);
    MemorySegment data;
    try (var reader = SafeTensorsReader.open(file)) {
      data = reader.data(reader.tensor("x"));
      MemorySegment live = data;
      assertThatThrownBy(() -> live.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, 3f))
          .isInstanceOf(RuntimeException.class);
    }
    MemorySegment dead = data;
    assertThatThrownBy(() -> dead.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theWriterRefusesWhatDoesNotFit() {
    var writer = new SafeTensorsWriter();
    MemorySegment four = MemorySegment.ofArray(new float[4]);
    assertThatThrownBy(() -> writer.add("w", SafeTensorsType.F32, new long[] {5}, four))
        .hasMessageContaining("'w'")
        .hasMessageContaining("needs 20 bytes, got 16");
    writer.add("v", SafeTensorsType.F32, new long[] {4}, four);
    assertThatThrownBy(() -> writer.add("v", SafeTensorsType.F32, new long[] {4}, four))
        .hasMessageContaining("used twice");
    assertThatThrownBy(() -> writer.add("__metadata__", SafeTensorsType.F32, new long[] {4}, four))
        .hasMessageContaining("reserved");
    assertThatThrownBy(() -> writer.add("n", SafeTensorsType.F32, new long[] {-4}, four))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aLargeOffHeapTensorIsWrittenWhole() throws IOException {
    Path file = folder.resolve("large.safetensors");
    long elements = (1L << 24) + 3;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(elements * 4, 64);
      for (long i = 0; i < elements; i += 4099) {
        data.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) i);
      }
      new SafeTensorsWriter()
          .add("big", SafeTensorsType.F32, new long[] {elements}, data)
          .write(file);
      try (var reader = SafeTensorsReader.open(file)) {
        assertThat(reader.data(reader.tensor("big")).mismatch(data)).isEqualTo(-1);
      }
    }
    assertThat(List.of(folder.toFile().list())).containsExactly("large.safetensors");
  }
}
