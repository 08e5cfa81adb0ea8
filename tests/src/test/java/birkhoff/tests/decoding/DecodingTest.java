package birkhoff.tests.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import birkhoff.transformer.model.Decoder;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.model.GptConfig;
import birkhoff.transformer.model.KvCache;
import birkhoff.transformer.residual.ResidualConfig;
import birkhoff.transformer.sample.Generator;
import birkhoff.transformer.sample.SamplingOptions;
import birkhoff.transformer.sample.TokenChooser;
import birkhoff.transformer.tokenizer.ByteTokenizer;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Decoding with a key-value cache gives what the whole window gives. */
class DecodingTest {
  private static final int BLOCK = 24;
  private static final int VOCAB = 256;

  private static GptConfig config(String type) {
    ResidualConfig residual =
        type.equals("none") ? ResidualConfig.NONE : ResidualConfig.goMhc(4, 2);
    return new GptConfig(VOCAB, BLOCK, 2, 2, 36, true, false, true, 0, residual);
  }

  /** With parameters that differ enough for tokens to be told apart. */
  private static Gpt model(Engine engine, String type, DType weights) {
    Gpt gpt = Gpt.forInference(engine, config(type), weights, 3);
    for (Parameter p : gpt.parameters().all()) {
      float[] values = p.tensor().toFloatArray();
      float[] noise = RandomArrays.floats(Seeds.random(p.name()), values.length, 0.3f);
      for (int i = 0; i < values.length; i++) {
        values[i] += noise[i];
      }
      p.fill(engine, t -> t.copyFrom(values));
    }
    return gpt;
  }

  private static Engine engine(int threads) {
    return Engine.create(EngineConfig.defaults().withThreads(threads).withDebug(true));
  }

  /** Every token from the whole window, as the definition says. */
  private static int[] uncached(
      Engine engine, Gpt gpt, int[] prompt, int count, SamplingOptions options) {
    var chooser = new TokenChooser(options, VOCAB);
    int[] text = Arrays.copyOf(prompt, prompt.length + count);
    try (Workspace ws = engine.workspace("uncached")) {
      for (int i = 0; i < count; i++) {
        int length = prompt.length + i;
        int window = Math.min(length, BLOCK);
        Tensor ids = engine.ids(Arrays.copyOfRange(text, length - window, length), 1, window);
        text[length] = chooser.choose(gpt.lastLogits(engine.ops(ws), ids).toFloatArray(), i);
        ws.reset();
      }
    }
    return Arrays.copyOfRange(text, prompt.length, text.length);
  }

  /** Across the place where the window begins to slide; each prompt leaves another rest of it. */
  @ParameterizedTest
  @CsvSource({
    "none, FLOAT32",
    "none, BFLOAT16",
    "go_mhc, FLOAT32",
    "go_mhc, BFLOAT16",
  })
  void theTokensAreThoseOfTheWholeWindow(String type, DType weights) {
    try (Engine engine = engine(2)) {
      Gpt gpt = model(engine, type, weights);
      var generator = new Generator(engine, gpt, new ByteTokenizer());
      for (double temperature : new double[] {0, 1.3}) {
        var options = SamplingOptions.of(temperature, 7);
        for (int length : new int[] {1, 5, BLOCK - 1, BLOCK, BLOCK + 3}) {
          int[] prompt = RandomArrays.tokens(Seeds.random("prompt", length), length, VOCAB);
          int[] expected = uncached(engine, gpt, prompt, 30, options);
          // The likeliest token soon repeats; drawn ones would show a cache that is not right.
          if (temperature > 0) {
            assertThat(Arrays.stream(expected).distinct().count()).isGreaterThan(3);
          }
          assertThat(generator.generate(prompt, 30, options, token -> true).tokens())
              .as("%s, prompt of %d, temperature %s", type, length, temperature)
              .isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"none", "go_mhc"})
  void logitsAreThoseOfTheWholeSequence(String type) {
    int batch = 3;
    int[] tokens = RandomArrays.tokens(Seeds.random("ids"), batch * BLOCK, VOCAB);
    try (Engine engine = engine(2);
        Workspace ws = engine.workspace("test")) {
      Gpt gpt = model(engine, type, DType.FLOAT32);
      var cache = new KvCache(engine, gpt.config(), batch);
      Tensor ids = engine.ids(tokens, batch, BLOCK);
      // Pieces of several lengths, the cache growing in between.
      int from = 0;
      for (int to : new int[] {7, 8, 17, 18, 19, BLOCK}) {
        var ops = engine.ops(ws);
        float[] whole = gpt.lastLogits(ops, ops.contiguous(ids.slice(1, 0, to))).toFloatArray();
        Tensor piece = ops.contiguous(ids.slice(1, from, to));
        float[] got = gpt.nextLogits(ops, piece, cache).toFloatArray();
        assertThat(cache.length()).isEqualTo(to);
        Numeric.assertClose("logits " + to, whole, got, Bound.relativeToLargest(2e-5));
        ws.reset();
        from = to;
      }
      Tensor more = engine.ids(new int[batch], batch, 1);
      assertThatThrownBy(() -> gpt.nextLogits(engine.ops(ws), more, cache))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("block_size = " + BLOCK);
      cache.clear();
      assertThat(cache.length()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32", "BFLOAT16"})
  void theBitsDoNotDependOnTheThreads(DType weights) {
    List<float[]> expected = logits(weights, 1);
    for (int threads = 2; threads <= 4; threads++) {
      List<float[]> got = logits(weights, threads);
      for (int i = 0; i < got.size(); i++) {
        Numeric.assertSameBits(threads + " threads, token " + i, expected.get(i), got.get(i));
      }
    }
  }

  private static List<float[]> logits(DType weights, int threads) {
    try (Engine engine = engine(threads);
        Workspace ws = engine.workspace("test")) {
      // Wide enough for several blocks of rows and of heads.
      var config = new GptConfig(1500, 300, 1, 4, 128, true, true, true, 0, ResidualConfig.NONE);
      Gpt gpt = Gpt.forInference(engine, config, weights, 5);
      var cache = new KvCache(engine, config, 1);
      Tensor prompt = engine.ids(RandomArrays.tokens(Seeds.random("long"), 200, 1500), 1, 200);
      float[] first = gpt.nextLogits(engine.ops(ws), prompt, cache).toFloatArray();
      ws.reset();
      float[] second =
          gpt.nextLogits(engine.ops(ws), engine.ids(new int[] {3}, 1, 1), cache).toFloatArray();
      return List.of(first, second);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 7, 8, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void aStartThatLeavesNoRoomIsRefusedAndNothingWritten(int start) {
    try (Engine engine = engine(2);
        Workspace ws = engine.workspace("test")) {
      Tensor qkv = engine.tensor(RandomArrays.floats(Seeds.random("qkv"), 48, 1), 1, 2, 24);
      Tensor keys = engine.zeros(DType.FLOAT32, 1, 2, 1, 4, 16);
      Tensor values = engine.zeros(DType.FLOAT32, 1, 2, 8, 4);
      Tensor from = engine.ids(new int[] {start}, 1);
      assertThatThrownBy(() -> engine.ops(ws).cachedAttention(qkv, keys, values, from))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("no room for 2 new positions after start = " + start)
          .hasMessageContaining("cache of 8");
      assertThat(keys.toFloatArray()).containsOnly(0);
      assertThat(values.toFloatArray()).containsOnly(0);
    }
  }

  /** The first token alone is recorded, the others run the recording again. */
  @ParameterizedTest
  @CsvSource({"none, FLOAT32", "none, BFLOAT16", "go_mhc, FLOAT32"})
  void aRecordedTokenHasTheBitsOfOneThatIsNot(String type, DType weights) {
    int[] text = RandomArrays.tokens(Seeds.random("text"), 2 * BLOCK, VOCAB);
    try (Engine engine = engine(2);
        Workspace ws = engine.workspace("test")) {
      Gpt gpt = model(engine, type, weights);
      var decoder = new Decoder(engine, gpt);
      var cache = new KvCache(engine, gpt.config(), 1);
      for (int i = 0; i < text.length; i++) {
        if (decoder.length() == decoder.capacity()) {
          assertThatThrownBy(() -> decoder.next(1)).hasMessageContaining("block_size = " + BLOCK);
          decoder.clear();
          cache.clear();
        }
        Tensor id = engine.ids(new int[] {text[i]}, 1, 1);
        float[] expected = gpt.nextLogits(engine.ops(ws), id, cache).toFloatArray();
        Numeric.assertSameBits("token " + i, expected, decoder.next(text[i]));
        ws.reset();
      }
    }
  }

  @Test
  void aSteadyStateNeedsNoNativeMemoryAndLittleHeap() {
    try (Engine engine = Engine.create(EngineConfig.defaults().withThreads(2))) {
      Gpt gpt = model(engine, "none", DType.FLOAT32);
      var generator = new Generator(engine, gpt, new ByteTokenizer());
      var greedy = SamplingOptions.of(0, 0);
      for (int i = 0; i < 300; i++) {
        generator.generate(new int[] {1}, BLOCK, greedy, token -> true);
      }
      long held = engine.ledger().total();
      var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 20; i++) {
        generator.generate(new int[] {1}, BLOCK, greedy, token -> true);
      }
      assertThat(engine.ledger().total()).isEqualTo(held);
      // Handles of some thirty operations; the logits alone would be more for a real vocabulary.
      long perToken = (threads.getCurrentThreadAllocatedBytes() - before) / (20 * BLOCK);
      assertThat(perToken).isLessThan(200_000);
    }
  }

  @Test
  void weightsInBfloat16AreTheRoundedOnes() {
    try (Engine engine = engine(1)) {
      Gpt wide = Gpt.forInference(engine, config("go_mhc"), DType.FLOAT32, 3);
      Gpt narrow = Gpt.forInference(engine, config("go_mhc"), DType.BFLOAT16, 3);
      int rounded = 0;
      for (Parameter p : wide.parameters().all()) {
        Tensor n = narrow.parameters().get(p.name()).tensor();
        float[] expected = p.tensor().toFloatArray();
        if (n.dtype() == DType.BFLOAT16) {
          rounded++;
          for (int i = 0; i < expected.length; i++) {
            expected[i] = DType.fromBfloat16(DType.toBfloat16(expected[i]));
          }
        }
        assertThat(n.toFloatArray()).as(p.name()).isEqualTo(expected);
      }
      // Token table and four matrices per block; mixers, norms and positions stay in float32.
      assertThat(rounded).isEqualTo(1 + 4 * 2);
      assertThat(narrow.bytesPerToken()).isLessThan(wide.bytesPerToken());
    }
  }
}
