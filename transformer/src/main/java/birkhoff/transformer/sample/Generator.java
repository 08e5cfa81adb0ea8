package birkhoff.transformer.sample;

import birkhoff.engine.Engine;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.tensor.Tensor;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Continues texts with a model. Every token runs the whole window of at most {@code block_size}
 * tokens through the model; there is no cache of keys and values. Not thread-safe.
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

  /** Prepares generation. */
  public Generator(Engine engine, Gpt gpt, Tokenizer tokenizer) {
    this.engine = engine;
    this.gpt = gpt;
    this.tokenizer = tokenizer;
    this.workspace = engine.workspace("sampling");
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
   * Draws {@code count} tokens after a prompt.
   *
   * @param prompt at least one token
   * @param each receives every new token at once
   */
  public Result generate(int[] prompt, int count, SamplingOptions options, IntConsumer each) {
    var chooser = new TokenChooser(options, tokenizer.vocabularySize());
    int[] text = Arrays.copyOf(prompt, prompt.length + count);
    long start = System.nanoTime();
    long first = start;
    for (int i = 0; i < count; i++) {
      int length = prompt.length + i;
      int token = chooser.choose(logits(text, length), i);
      text[length] = token;
      if (i == 0) {
        first = System.nanoTime();
      }
      each.accept(token);
    }
    double seconds = (System.nanoTime() - first) / 1e9;
    return new Result(
        Arrays.copyOfRange(text, prompt.length, text.length),
        (first - start) / 1e6,
        count > 1 ? (count - 1) / seconds : Double.NaN);
  }

  private float[] logits(int[] text, int length) {
    int window = Math.min(length, gpt.config().blockSize());
    Tensor ids = engine.ids(Arrays.copyOfRange(text, length - window, length), 1, window);
    float[] logits = gpt.lastLogits(engine.ops(workspace), ids).toFloatArray();
    workspace.reset();
    return logits;
  }
}
