package birkhoff.transformer.sample;

import birkhoff.engine.Engine;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.model.Decoder;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.tokenizer.Tokenizer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Continues texts with a model. While the text is not longer than {@code block_size} its keys and
 * values are cached: the prompt runs through the model once, then one token at a time. When it
 * outgrows {@code block_size} the window of its last tokens slides; as positions are learned, every
 * token in it then stands at another position, so nothing cached is of use and every new token runs
 * the whole window through the model. The parameters may change between two texts. Not thread-safe.
 */
public final class Generator {
  /**
   * A continuation.
   *
   * @param tokens the new ones
   * @param prefillMs time until the first of them
   * @param decodeTokensPerSecond of the others; NaN when there is only one
   */
  public record Result(int[] tokens, double prefillMs, double decodeTokensPerSecond) {}

  private final Engine engine;
  private final Gpt gpt;
  private final Tokenizer tokenizer;
  private final Workspace workspace;
  private final Decoder decoder;
  private final Tensor ids;
  private final float[] logits;

  /** Prepares generation. */
  public Generator(Engine engine, Gpt gpt, Tokenizer tokenizer) {
    this.engine = engine;
    this.gpt = gpt;
    this.tokenizer = tokenizer;
    this.workspace = engine.workspace("sampling");
    this.decoder = new Decoder(engine, gpt);
    this.ids =
        engine.persistent(
            "sampling", TensorSpec.of(Shape.of(1, gpt.config().blockSize()), DType.INT32));
    this.logits = new float[gpt.config().vocabSize()];
  }

  /**
   * The tokens of a prompt. An empty one becomes a line feed, or the first token where the
   * tokenizer knows no line feed: the model needs something to continue.
   *
   * @throws DataException for a character outside the vocabulary
   */
  public int[] prompt(String text) {
    if (!text.isEmpty()) {
      return tokenizer.encode(text);
    }
    try {
      return tokenizer.encode("\n");
    } catch (DataException e) {
      return new int[] {0};
    }
  }

  /**
   * Draws up to {@code count} tokens after a prompt.
   *
   * @param prompt at least one token
   * @param more receives every new token at once and says whether another is wanted
   */
  public Result generate(int[] prompt, int count, SamplingOptions options, IntPredicate more) {
    var chooser = new TokenChooser(options, tokenizer.vocabularySize());
    var penalty = new RepetitionPenalty(options.repetitionPenalty());
    int[] text = Arrays.copyOf(prompt, prompt.length + count);
    decoder.clear();
    long start = System.nanoTime();
    long first = start;
    int drawn = 0;
    boolean wanted = count > 0;
    while (wanted) {
      int length = prompt.length + drawn;
      float[] logits = logits(text, length);
      penalty.apply(logits, text, length);
      text[length] = chooser.choose(logits, drawn);
      if (drawn == 0) {
        first = System.nanoTime();
      }
      drawn++;
      wanted = more.test(text[length]) && drawn < count;
    }
    double seconds = (System.nanoTime() - first) / 1e9;
    return new Result(
        Arrays.copyOfRange(text, prompt.length, prompt.length + drawn),
        (first - start) / 1e6,
        drawn > 1 ? (drawn - 1) / seconds : Double.NaN);
  }

  private float[] logits(int[] text, int length) {
    int block = gpt.config().blockSize();
    if (length <= block) {
      return decoder.next(Arrays.copyOfRange(text, decoder.length(), length));
    }
    Tensor window = ids.copyFrom(Arrays.copyOfRange(text, length - block, length));
    Tensor last = gpt.lastLogits(engine.ops(workspace), window);
    MemorySegment.copy(last.data(), ValueLayout.JAVA_FLOAT, 0, logits, 0, logits.length);
    workspace.reset();
    return logits;
  }
}
