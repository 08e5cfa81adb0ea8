package birkhoff.transformer.cli;

import birkhoff.engine.Engine;
import birkhoff.engine.profile.FmaPeak;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Machine;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.train.TrainingStep;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/**
 * How a step gains from threads. One thread and all threads take turns, each right after a loop of
 * multiply-adds without memory traffic on the same threads: what the loop gains is what the machine
 * gave in that moment, and the step is compared with it.
 */
final class Scaling {
  private static final Duration LEAST = Duration.ofMillis(20);
  private static final Duration MOST = Duration.ofMillis(500);

  private Scaling() {}

  /** One side of the comparison. */
  private record Side(Engine engine, TrainingStep step, double[] ms, double[] peak) {
    static Side of(Engine engine, RunConfig config, int rounds) {
      Gpt gpt = Setup.model(engine, config);
      return new Side(
          engine, StepCommand.step(engine, gpt, config), new double[rounds], new double[rounds]);
    }

    double run(int index) {
      long start = System.nanoTime();
      step.run(index);
      return (System.nanoTime() - start) / 1e6;
    }

    void measure(int warmup, int round) {
      ms[round] = run(warmup + round);
      long nanos = (long) (ms[round] * 1e6);
      Duration time = Duration.ofNanos(Math.clamp(nanos, LEAST.toNanos(), MOST.toNanos()));
      peak[round] = FmaPeak.sustained(engine.team(), time);
    }
  }

  static ObjectNode measure(Engine all, RunConfig config, int warmup, int rounds) {
    int threads = all.team().size();
    if (threads == 1) {
      throw new UsageException(
          "scaling compares one thread with several; threads=1 leaves nothing");
    }
    try (Engine single = Setup.trainingEngine(config.with(Keys.THREADS, 1))) {
      Side many = Side.of(all, config, rounds);
      Side one = Side.of(single, config, rounds);
      for (int k = 0; k < warmup; k++) {
        many.run(k);
        one.run(k);
      }
      for (int k = 0; k < rounds; k++) {
        many.measure(warmup, k);
        one.measure(warmup, k);
      }
      return result(many, one, threads, config);
    }
  }

  private static ObjectNode result(Side many, Side one, int threads, RunConfig config) {
    int rounds = many.ms.length;
    double[] gain = new double[rounds];
    double[] machine = new double[rounds];
    double[] relative = new double[rounds];
    for (int k = 0; k < rounds; k++) {
      gain[k] = one.ms[k] / many.ms[k];
      machine[k] = many.peak[k] / one.peak[k];
      relative[k] = gain[k] / machine[k];
    }
    ObjectNode result = Json.object();
    result.put("threads", threads);
    result.put("steps", rounds);
    result.put("ms_median_one_thread", median(one.ms));
    result.put("ms_median", median(many.ms));
    result.put("ms_min_one_thread", least(one.ms));
    result.put("ms_min", least(many.ms));
    result.put("scaling", median(gain));
    result.put("scaling_of_minima", least(one.ms) / least(many.ms));
    result.put("fma_scaling", median(machine));
    result.put("relative_to_fma", median(relative));
    result.put("processor", Machine.processor());
    result.set("config", RunConfigText.json(config));
    return result;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return StepCommand.quantile(sorted, 0.5);
  }

  private static double least(double[] values) {
    return Arrays.stream(values).min().orElseThrow();
  }

  static void print(PrintStream out, ObjectNode r) {
    out.printf(
        Locale.ROOT,
        "%d steps each, alternately with one thread and %d%n"
            + "ms per step: one thread %.2f (min %.2f), %d threads %.2f (min %.2f)%n"
            + "the step gains %.2f times (minima %.2f), a multiply-add loop in the same seconds"
            + " %.2f times: %.0f %% of what the machine gave%n",
        r.get("steps").asInt(),
        r.get("threads").asInt(),
        r.get("ms_median_one_thread").asDouble(),
        r.get("ms_min_one_thread").asDouble(),
        r.get("threads").asInt(),
        r.get("ms_median").asDouble(),
        r.get("ms_min").asDouble(),
        r.get("scaling").asDouble(),
        r.get("scaling_of_minima").asDouble(),
        r.get("fma_scaling").asDouble(),
        100 * r.get("relative_to_fma").asDouble());
  }
}
