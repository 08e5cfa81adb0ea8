package birkhoff.transformer.train;

import birkhoff.engine.Engine;
import birkhoff.engine.profile.FmaPeak;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.data.Corpus;
import birkhoff.transformer.metrics.ProcessMemory;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run would need, measured by a few of its steps; nothing is written.
 *
 * @param parameters numbers that are trained
 * @param tokensPerStep over all micro-batches
 * @param flopsPerToken as {@link birkhoff.transformer.model.GptConfig#trainingFlopsPerToken} counts
 * @param tensorBytes native memory of parameters, optimizer and a step
 * @param peakMb largest resident memory of the process in 10^6 bytes; NaN when unknown
 * @param msPerStep median of the later half of the steps that were measured
 * @param shareOfPeak of the multiply-adds that the machine can do, measured after the steps
 * @param steps that are left
 * @param evaluations that are left
 * @param seconds for both, without the start, checkpoints and samples; evaluation is taken for a
 *     third of a step's work per micro-batch
 */
public record DryRun(
    long parameters,
    long tokensPerStep,
    double flopsPerToken,
    long tensorBytes,
    double peakMb,
    double msPerStep,
    double shareOfPeak,
    long steps,
    long evaluations,
    double seconds) {
  /** The first steps are not replayed yet, and the third is done twice. */
  private static final int BEFORE = 3;

  private static final int LEAST = 3;

  /** Small steps get faster for seconds, while the JIT compiles. */
  private static final double SECONDS = 6;

  /** Measures a run; closes the corpus of its start. */
  public static DryRun of(RunStart start) {
    RunConfig config = start.config();
    if (WarmUp.pays(config)) {
      WarmUp.run(config);
    }
    try (Corpus corpus = start.corpus();
        Engine engine = Setup.trainingEngine(config)) {
      Gpt gpt = Setup.model(engine, config);
      var step = TrainingStep.on(engine, gpt, config, corpus.train());
      double ms = measure(step);
      double peak = FmaPeak.measure(engine.team());
      double flops = gpt.config().trainingFlopsPerToken(config.get(Keys.BLOCK_SIZE));
      long done = start.progress().step();
      long steps = Math.max(0, config.get(Keys.MAX_ITERS) - done);
      long evaluations = evaluations(done, config.get(Keys.MAX_ITERS), config);
      int microBatches = config.get(Keys.GRADIENT_ACCUMULATION_STEPS);
      double perEvaluation = 2.0 * config.get(Keys.EVAL_ITERS) / 3 * ms / microBatches;
      return new DryRun(
          gpt.parameters().count(),
          step.tokens(),
          flops,
          engine.ledger().total(),
          ProcessMemory.peakMb(),
          ms,
          flops * step.tokens() / (ms / 1e3) / peak,
          steps,
          evaluations,
          (steps * ms + evaluations * perEvaluation) / 1e3);
    }
  }

  private static double measure(TrainingStep step) {
    List<Double> ms = new ArrayList<>();
    long began = System.nanoTime();
    for (long now = began; ms.size() < BEFORE + LEAST || now - began < SECONDS * 1e9; ) {
      long start = now;
      step.run(ms.size());
      now = System.nanoTime();
      ms.add((now - start) / 1e6);
    }
    int half = Math.max(BEFORE, ms.size() / 2);
    double[] last = ms.subList(half, ms.size()).stream().mapToDouble(d -> d).sorted().toArray();
    return last[last.length / 2];
  }

  private static long evaluations(long done, long last, RunConfig config) {
    long interval = config.get(Keys.EVAL_INTERVAL);
    long atIntervals = last / interval - done / interval;
    return Math.max(0, last % interval == 0 || done >= last ? atIntervals : atIntervals + 1);
  }
}
