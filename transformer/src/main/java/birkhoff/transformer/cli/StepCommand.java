package birkhoff.transformer.cli;

import birkhoff.engine.Engine;
import birkhoff.engine.rng.Distributions;
import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.data.Batch;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.train.TrainingStep;
import birkhoff.transformer.train.WarmUp;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** A command that runs whole training steps on random tokens and looks at them. */
abstract class StepCommand extends BaseCommand {
  /** Where neither a preset nor an option gives one: the characters of Tiny Shakespeare. */
  private static final int DEFAULT_VOCABULARY = 65;

  @Option(
      names = "--steps",
      paramLabel = "INT",
      description = "Steps that are looked at. Default: ${DEFAULT-VALUE}.")
  private int steps;

  @Option(
      names = "--warmup",
      paramLabel = "INT",
      description = "Steps before them, while the JIT compiles. Default: ${DEFAULT-VALUE}.")
  private int warmup;

  @Option(names = "--json", description = "Print the result as one JSON object on stdout.")
  private boolean json;

  /** Takes the defaults of {@code --steps} and {@code --warmup}. */
  StepCommand(Console console, int steps, int warmup) {
    super(console);
    this.steps = steps;
    this.warmup = warmup;
  }

  /** Steps that are looked at. */
  final int steps() {
    return steps;
  }

  /** Steps before them. */
  final int warmup() {
    return warmup;
  }

  /** Runs the steps; what it returns is printed by {@link #print} or as JSON. */
  abstract ObjectNode measure(Engine engine, Gpt gpt, TrainingStep step, RunConfig config)
      throws IOException;

  abstract void print(ObjectNode result);

  @Override
  final List<Key<?>> keys() {
    List<Key<?>> keys = new ArrayList<>();
    for (Key<?> key : Keys.all().values()) {
      switch (key.group()) {
        case MODEL, RESIDUAL, SYSTEM -> keys.add(key);
        default -> {}
      }
    }
    keys.addAll(
        List.of(
            Keys.OPTIMIZER_NAME,
            Keys.BATCH_SIZE,
            Keys.GRADIENT_ACCUMULATION_STEPS,
            Keys.GRAD_CLIP));
    return keys;
  }

  @Override
  final boolean takesFiles() {
    return true;
  }

  @Override
  ExitCode run() throws IOException {
    RunConfig config = configuration();
    if (WarmUp.pays(config)) {
      WarmUp.run(config);
    }
    try (Engine engine = Setup.trainingEngine(config)) {
      Gpt gpt = Setup.model(engine, config);
      ObjectNode result = measure(engine, gpt, step(engine, gpt, config), config);
      if (json) {
        console().json(result);
      } else {
        print(result);
      }
    }
    return ExitCode.DONE;
  }

  /** Training steps on the same random tokens. */
  static TrainingStep step(Engine engine, Gpt gpt, RunConfig config) {
    int vocabulary = config.get(Keys.VOCAB_SIZE);
    return new TrainingStep(
        engine, gpt, config, (index, batch) -> fillOnce(index, batch, vocabulary));
  }

  /** Whether the result is one JSON object. */
  final boolean json() {
    return json;
  }

  /** What was asked for, with a vocabulary and without a preset's dropout. */
  final RunConfig configuration() throws IOException {
    if (steps < 1 || warmup < 0) {
      throw new UsageException("steps must be at least 1 and warmup at least 0");
    }
    RunConfig asked = settings(new RunConfigBuilder()).build();
    RunConfig config =
        asked.get(Keys.VOCAB_SIZE) == 0 ? asked.with(Keys.VOCAB_SIZE, DEFAULT_VOCABULARY) : asked;
    // The measured step has dropout only when it is asked for.
    return config.origin(Keys.DROPOUT).startsWith("preset")
        ? config.with(Keys.DROPOUT, 0.0)
        : config;
  }

  /** The same random tokens for every step: drawing them is no part of the step. */
  private static void fillOnce(long index, Batch batch, int vocabulary) {
    if (index == 0) {
      for (int i = 0; i < batch.size(); i++) {
        batch.inputs()[i] = (int) Distributions.below(vocabulary, 1, 0, i);
        batch.targets()[i] = (int) Distributions.below(vocabulary, 1, 1, i);
      }
    }
  }

  /** The value below which {@code share} of the sorted numbers lie, between neighbours linearly. */
  static double quantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int low = (int) at;
    int high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
  }
}
