package birkhoff.transformer.setup;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.error.ProviderUnavailableException;
import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.tensor.DType;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.model.GptConfig;
import birkhoff.transformer.residual.ResidualConfig;
import birkhoff.transformer.residual.ResidualStreams;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Engine and model sizes as a configuration describes them. */
public final class Setup {
  /** What makes {@code dtype=bfloat16} work, for messages. */
  public static final String BFLOAT16_REMEDY =
      "it takes a processor with AVX512_BF16 and oneDNN, which 'mvn -N -Ponednn validate' in the"
          + " source tree puts beside the JAR (or name a libdnnl.so.3 in BIRKHOFF_ONEDNN); use"
          + " dtype=float32 otherwise";

  private Setup() {}

  /** An engine with the wanted threads and kernels; the caller closes it. */
  public static Engine engine(RunConfig config) {
    return engine(config, false);
  }

  /**
   * The same for training.
   *
   * @throws ProviderUnavailableException when the kernels that are asked for cannot serve, and for
   *     {@code dtype=bfloat16} where nothing multiplies bfloat16 matrices
   */
  public static Engine trainingEngine(RunConfig config) {
    boolean bfloat16 = dtype(config) == DType.BFLOAT16;
    Engine engine = engine(config, bfloat16);
    if (bfloat16) {
      try {
        engine.kernels().mixedGemm();
      } catch (ProviderUnavailableException e) {
        engine.close();
        throw new ProviderUnavailableException(
            "dtype=bfloat16 cannot train here: " + e.getMessage() + "; " + BFLOAT16_REMEDY);
      }
    }
    return engine;
  }

  /** The same with or without products of bfloat16 matrices, which may be missing. */
  public static Engine engine(RunConfig config, boolean bfloat16) {
    int threads = config.get(Keys.THREADS);
    EngineConfig wanted =
        EngineConfig.defaults()
            .withKernels(config.get(Keys.KERNELS))
            .withOptions(KernelOptions.DEFAULT.withBfloat16(bfloat16));
    return Engine.create(threads == 0 ? wanted : wanted.withThreads(threads));
  }

  /** A freshly initialised model to train in the configured precision. */
  public static Gpt model(Engine engine, RunConfig config) {
    return dtype(config) == DType.BFLOAT16
        ? Gpt.mixed(engine, gpt(config), config.get(Keys.SEED))
        : Gpt.create(engine, gpt(config), config.get(Keys.SEED));
  }

  /** The type that the model's matrices are kept in. */
  public static DType dtype(RunConfig config) {
    return DType.valueOf(config.get(Keys.DTYPE).toUpperCase(Locale.ROOT));
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
    return new GptConfig(
        config.get(Keys.VOCAB_SIZE),
        config.get(Keys.BLOCK_SIZE),
        config.get(Keys.N_LAYER),
        config.get(Keys.N_HEAD),
        config.get(Keys.N_EMBD),
        config.get(Keys.BIAS),
        config.get(Keys.GELU).equals("tanh"),
        config.get(Keys.TIE_WORD_EMBEDDINGS),
        config.get(Keys.DROPOUT),
        residual(config));
  }

  /**
   * The residual stream of a configuration.
   *
   * @throws UsageException when none can be made of it, saying why
   */
  public static ResidualConfig residual(RunConfig config) {
    String type = config.get(Keys.HYPER_CONN_TYPE);
    if (type.equals(ResidualConfig.NONE.type())) {
      return ResidualConfig.NONE;
    }
    var residual =
        new ResidualConfig(
            type,
            config.get(Keys.HYPER_CONN_N),
            config.get(Keys.HYPER_CONN_S),
            config.get(Keys.HYPER_CONN_INIT_EPS),
            factors(config.get(Keys.HYPER_CONN_FACTORS)),
            config.get(Keys.HYPER_CONN_ITERATIONS),
            config.get(Keys.HYPER_CONN_SKEW).equals("full"),
            config.get(Keys.HYPER_CONN_GUARD),
            config.get(Keys.HYPER_CONN_COLLAPSE).equals("mean"));
    try {
      ResidualStreams.check(residual);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
    return residual;
  }

  private static List<Integer> factors(String text) {
    if (text.isBlank()) {
      return List.of();
    }
    if (!text.strip().matches("[1-9][0-9]{0,3}(x[1-9][0-9]{0,3})*")) {
      throw new UsageException(
          "hyper_conn_factors=" + text + " must be sizes joined by x, such as 4x2");
    }
    return Arrays.stream(text.strip().split("x", -1)).map(Integer::valueOf).toList();
  }
}
