package birkhoff.tests.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.transformer.data.Batch;
import birkhoff.transformer.data.BatchSampler;
import birkhoff.transformer.data.BatchSampler.Stream;
import birkhoff.transformer.data.TokenWidth;
import birkhoff.transformer.data.Tokens;
import birkhoff.transformer.error.DataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchSamplerTest {
  @TempDir Path folder;

  private final List<Tokens> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(Tokens::close);
  }

  @Test
  void sequentialWindowsFollowOneAnotherAndWrap() throws IOException {
    // 23 tokens, T = 4: windows start at 0, 4, 8, 12 and 16; tokens 21 and 22 are never inputs.
    BatchSampler sampler = BatchSampler.of("sequential", counting(23), 4, 1, Stream.TRAINING);
    Batch batch = new Batch(2, 4);
    int[][] starts = {{0, 4}, {8, 12}, {16, 0}, {4, 8}, {12, 16}, {0, 4}};
    for (int k = 0; k < starts.length; k++) {
      sampler.fill(k, batch);
      for (int row = 0; row < 2; row++) {
        for (int t = 0; t < 4; t++) {
          assertThat(batch.inputs()[row * 4 + t]).isEqualTo(starts[k][row] + t);
          assertThat(batch.targets()[row * 4 + t]).isEqualTo(starts[k][row] + t + 1);
        }
      }
    }
  }

  @Test
  void sequentialUsesTheLastWindowOnlyWithItsTarget() throws IOException {
    var eight = new BatchSampler.Sequential(counting(8), 4);
    var nine = new BatchSampler.Sequential(counting(9), 4);
    assertThat(eight.windows()).isEqualTo(1);
    assertThat(nine.windows()).isEqualTo(2);
  }

  @Test
  void randomWindowsAreAPureFunctionOfSeedAndIndex() throws IOException {
    Tokens tokens = counting(60_000);
    BatchSampler sampler = BatchSampler.of("random", tokens, 8, 1337, Stream.TRAINING);
    int[] first = inputs(sampler, 5);
    inputs(sampler, 0);
    inputs(sampler, 1L << 40);
    assertThat(inputs(sampler, 5)).isEqualTo(first);
    assertThat(inputs(BatchSampler.of("random", tokens, 8, 1337, Stream.TRAINING), 5))
        .isEqualTo(first);
    assertThat(inputs(sampler, 6)).isNotEqualTo(first);
    assertThat(inputs(BatchSampler.of("random", tokens, 8, 1338, Stream.TRAINING), 5))
        .isNotEqualTo(first);
    assertThat(inputs(BatchSampler.of("random", tokens, 8, 1337, Stream.VAL_EVALUATION), 5))
        .isNotEqualTo(first);
  }

  @Test
  void twoMicroBatchesAreOneTwiceAsLarge() throws IOException {
    for (String sampling : new String[] {"random", "sequential"}) {
      BatchSampler sampler = BatchSampler.of(sampling, counting(997), 5, 3, Stream.TRAINING);
      Batch small = new Batch(3, 5);
      Batch large = new Batch(6, 5);
      for (int k = 0; k < 80; k++) {
        sampler.fill(k, large);
        sampler.fill(2L * k, small);
        assertThat(Arrays.copyOfRange(large.inputs(), 0, 15)).isEqualTo(small.inputs());
        sampler.fill(2L * k + 1, small);
        assertThat(Arrays.copyOfRange(large.inputs(), 15, 30)).isEqualTo(small.inputs());
      }
    }
  }

  @Test
  void randomOffsetsAreUniform() throws IOException {
    int offsets = 20;
    BatchSampler sampler = BatchSampler.of("random", counting(offsets + 4), 4, 42, Stream.TRAINING);
    int draws = 40_000;
    long[] counts = new long[offsets];
    Batch batch = new Batch(4, 4);
    for (int k = 0; k < draws / 4; k++) {
      sampler.fill(k, batch);
      for (int row = 0; row < 4; row++) {
        counts[batch.inputs()[row * 4]]++;
      }
    }
    double expected = (double) draws / offsets;
    double chiSquared =
        Arrays.stream(counts).mapToDouble(c -> (c - expected) * (c - expected) / expected).sum();
    // 19 degrees of freedom: above 43.8 with probability 0.001.
    assertThat(chiSquared).isBetween(5.4, 43.8);
  }

  @Test
  void aTextShorterThanABlockIsRefusedWithTheRemedy() throws IOException {
    Tokens tokens = counting(8);
    BatchSampler.of("random", tokens, 7, 1, Stream.TRAINING);
    for (String sampling : new String[] {"random", "sequential"}) {
      assertThatThrownBy(() -> BatchSampler.of(sampling, tokens, 8, 1, Stream.TRAINING))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("8 tokens")
          .hasMessageContaining("at least 9")
          .hasMessageContaining("smaller block_size");
    }
  }

  @Test
  void wideIdsComeBack() throws IOException {
    Path file = folder.resolve("wide.bin");
    ByteBuffer bytes = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, bytes.putInt(70_000).putInt(3).putInt(-1).array());
    Tokens tokens = Tokens.map(file, TokenWidth.of(70_001), 70_001);
    opened.add(tokens);
    int[] ids = new int[2];
    tokens.copy(0, ids, 0, 2);
    assertThat(ids).containsExactly(70_000, 3);
    assertThatThrownBy(() -> tokens.copy(2, ids, 0, 1))
        .hasMessageContaining("token 2 is 4294967295");
  }

  private static int[] inputs(BatchSampler sampler, long index) {
    Batch batch = new Batch(4, 8);
    sampler.fill(index, batch);
    return batch.inputs();
  }

  private Tokens counting(int size) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(2 * size).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < size; i++) {
      bytes.putShort((short) i);
    }
    Path file = Files.write(folder.resolve("counting-" + size + ".bin"), bytes.array());
    opened.add(Tokens.map(file, TokenWidth.UINT16, 1 << 16));
    return opened.getLast();
  }
}
