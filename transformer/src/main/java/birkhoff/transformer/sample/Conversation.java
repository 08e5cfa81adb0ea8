package birkhoff.transformer.sample;

import birkhoff.transformer.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A text that a person and a model write in turns. Not thread-safe. */
public final class Conversation {
  private final Generator generator;
  private final Tokenizer tokenizer;
  private int[] tokens = new int[0];
  private long turns;

  /** Nothing written yet. */
  public Conversation(Generator generator, Tokenizer tokenizer) {
    this.generator = generator;
    this.tokenizer = tokenizer;
  }

  /**
   * Adds a person's part and lets the model go on; its own part stays in the text too.
   *
   * @param part may be empty
   * @param options the seed grows by one with every turn
   * @param stop strings that end the model's part
   * @param ended asked after every token
   * @param receiver of the model's UTF-8, piece by piece
   * @throws birkhoff.transformer.error.DataException for a character outside the vocabulary; the
   *     text is then as before
   */
  public void turn(
      String part,
      int count,
      SamplingOptions options,
      List<String> stop,
      BooleanSupplier ended,
      Consumer<byte[]> receiver) {
    append(tokenizer.encode(part));
    int[] prompt = tokens.length == 0 ? generator.prompt("") : tokens;
    var text = new TextStream(tokenizer, stop, receiver);
    Generator.Result result =
        generator.generate(
            prompt,
            count,
            options.withSeed(options.seed() + turns),
            token -> text.test(token) && !ended.getAsBoolean());
    text.finish();
    tokens = prompt;
    append(result.tokens());
    turns++;
  }

  private void append(int... more) {
    int length = tokens.length;
    tokens = Arrays.copyOf(tokens, length + more.length);
    System.arraycopy(more, 0, tokens, length, more.length);
  }

  /** Everything so far. */
  public String text() {
    return tokenizer.decode(tokens);
  }

  /** Forgets everything. */
  public void clear() {
    tokens = new int[0];
    turns = 0;
  }
}
