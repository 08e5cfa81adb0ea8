package birkhoff.transformer.train;

import birkhoff.engine.Engine;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.rng.Distributions;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.data.Batch;
import birkhoff.transformer.setup.Setup;
import java.util.Set;

/**
 * Steps of a tiny model of the same kind before the first real one. Until the JIT has compiled a
 * kernel, each of its vectors is an object; tiny steps call the same kernels on little data, so
 * that the compiler gets part of its work before much depends on it. The first real step is still
 * slower than later ones (decision 0031). It runs on one thread: the compiler needs the other
 * processor. It has an engine, parameters and random numbers of its own and changes no result.
 */
public final class WarmUp {
  private static final Set<String> VECTOR = Set.of("auto", "vector");
  // Multiply-adds of the products of one forward pass; "baby" has 6e8.
  private static final double LEAST_PRODUCTS = 1e8;
  private static final int STEPS = 40;
  private static final int WIDTH = 64;
  private static final int VOCABULARY = 256;

  private WarmUp() {}

  /**
   * Whether the first step would take longer otherwise: with the kernels of the Vector API, and for
   * a model that is not tiny itself.
   */
  public static boolean pays(RunConfig config) {
    double tokens = (double) config.get(Keys.BATCH_SIZE) * config.get(Keys.BLOCK_SIZE);
    double weights = 12.0 * config.get(Keys.N_LAYER) * Math.pow(config.get(Keys.N_EMBD), 2);
    return VECTOR.contains(config.get(Keys.KERNELS)) && tokens * weights >= LEAST_PRODUCTS;
  }

  /** Runs the steps. */
  public static void run(RunConfig config) {
    RunConfig tiny = withProductsOf(config, tiny(config));
    try (Engine engine = Setup.trainingEngine(tiny)) {
      var step = new TrainingStep(engine, Setup.model(engine, tiny), tiny, WarmUp::fill);
      for (int i = 0; i < STEPS; i++) {
        step.run(i);
      }
    }
  }

  private static RunConfig tiny(RunConfig config) {
    return config
        .with(Keys.N_LAYER, 1)
        .with(Keys.N_HEAD, 1)
        .with(Keys.N_EMBD, WIDTH)
        .with(Keys.BLOCK_SIZE, WIDTH)
        .with(Keys.BATCH_SIZE, 2)
        .with(Keys.GRADIENT_ACCUMULATION_STEPS, 1)
        .with(Keys.VOCAB_SIZE, VOCABULARY)
        .with(Keys.LEARNING_RATE, 1e-4)
        .with(Keys.DECAY_LR, false)
        .with(Keys.THREADS, 1);
  }

  /** "auto" would give products this small to OpenBLAS where it gives the real ones to us. */
  private static RunConfig withProductsOf(RunConfig config, RunConfig tiny) {
    long tokens = (long) config.get(Keys.BATCH_SIZE) * config.get(Keys.BLOCK_SIZE);
    int width = config.get(Keys.N_EMBD);
    try (Engine engine = Setup.trainingEngine(tiny)) {
      GemmShape linear =
          GemmShape.of(false, true, Math.clamp(tokens, 1, Integer.MAX_VALUE), width, width);
      return tiny.with(Keys.KERNELS, engine.kernels().gemmProvider(linear));
    }
  }

  private static void fill(long step, Batch batch) {
    for (int i = 0; i < batch.size(); i++) {
      batch.inputs()[i] = (int) Distributions.below(VOCABULARY, 1, step, i);
      batch.targets()[i] = (int) Distributions.below(VOCABULARY, 2, step, i);
    }
  }
}
