package birkhoff.transformer.setup;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.model.GptConfig;
import birkhoff.transformer.residual.ResidualConfig;

/** Engine and model sizes as a configuration describes them. */
public final class Setup {
  private Setup() {}

  /** An engine with the wanted threads and kernels; the caller closes it. */
  public static Engine engine(RunConfig config) {
    int threads = config.get(Keys.THREADS);
    EngineConfig defaults = EngineConfig.defaults().withKernels(config.get(Keys.KERNELS));
    return Engine.create(threads == 0 ? defaults : defaults.withThreads(threads));
  }

  /**
   * The rows of the embedding for a tokenizer.
   *
   * @throws UsageException when {@code vocab_size} is set to less than the tokenizer has
   */
  public static int vocabularySize(RunConfig config, int tokens) {
    int rows = config.get(Keys.VOCAB_SIZE);
    if (rows != 0 && rows < tokens) {
      throw new UsageException(
          "vocab_size="
              + rows
              + " is less than the "
              + tokens
              + " tokens of the tokenizer; raise it or leave it at 0");
    }
    return rows == 0 ? tokens : rows;
  }

  /** The sizes of the model; {@code vocab_size} must be set. */
  public static GptConfig gpt(RunConfig config) {
    String type = config.get(Keys.HYPER_CONN_TYPE);
    ResidualConfig residual =
        type.equals(ResidualConfig.NONE.type())
            ? ResidualConfig.NONE
            : new ResidualConfig(
                type,
                config.get(Keys.HYPER_CONN_N),
                config.get(Keys.HYPER_CONN_S),
                config.get(Keys.HYPER_CONN_INIT_EPS));
    return new GptConfig(
        config.get(Keys.VOCAB_SIZE),
        config.get(Keys.BLOCK_SIZE),
        config.get(Keys.N_LAYER),
        config.get(Keys.N_HEAD),
        config.get(Keys.N_EMBD),
        config.get(Keys.BIAS),
        config.get(Keys.GELU).equals("tanh"),
        config.get(Keys.DROPOUT),
        residual);
  }
}
