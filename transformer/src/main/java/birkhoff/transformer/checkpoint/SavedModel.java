package birkhoff.transformer.checkpoint;

import birkhoff.engine.nn.Parameters;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/** A model on disk, of whatever format: what training can start from. */
public interface SavedModel {
  /** Where it is. */
  Path folder();

  /** The sizes of the model and its tokenizer's name; {@code vocab_size} is set. */
  RunConfig config();

  /** The tokenizer of the model. */
  Tokenizer tokenizer();

  /**
   * Overwrites the parameters of a model with the weights, rounded where they are in bfloat16. A
   * model of a smaller {@code block_size} gets the first positions.
   *
   * @throws DataException when they do not fit
   */
  void readWeights(Parameters parameters) throws IOException;
}
