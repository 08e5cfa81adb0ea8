package birkhoff.transformer.cli;

import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.metrics.ConsoleLines;
import birkhoff.transformer.metrics.JsonSteps;
import birkhoff.transformer.metrics.RunSink;
import birkhoff.transformer.train.DryRun;
import birkhoff.transformer.train.RunStart;
import birkhoff.transformer.train.Trainer;
import birkhoff.transformer.train.TrainingRun;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains a model. */
@Command(
    name = "train",
    description = {
      "Trains a GPT. Without options: a go-mHC GPT on the built-in corpus, in about three minutes.",
      "Ctrl-C finishes the step, saves a checkpoint and exits with 130; --init_from=resume goes on"
          + " exactly where it stopped."
    })
final class TrainCommand extends BaseCommand {
  @Option(names = "--json", description = "Print one JSON object per logged step on stdout.")
  private boolean json;

  @Option(
      names = "--dry_run",
      description =
          "Measure a few steps, say what the run would need in memory and time, and write nothing.")
  private boolean dryRun;

  TrainCommand(Console console) {
    super(console);
  }

  @Override
  List<Key<?>> keys() {
    return List.copyOf(Keys.all().values());
  }

  @Override
  boolean takesFiles() {
    return true;
  }

  @Override
  ExitCode run() throws IOException {
    RunStart start = RunStart.of(this::settings);
    if (dryRun) {
      report(start.config(), DryRun.of(start));
      return ExitCode.DONE;
    }
    try (Interruption.Guard guard = console().interruption().guard()) {
      Trainer.Outcome outcome = TrainingRun.run(start, new OnConsole(), guard::requested);
      return outcome == Trainer.Outcome.INTERRUPTED ? ExitCode.INTERRUPTED : ExitCode.DONE;
    }
  }

  private void report(RunConfig config, DryRun run) {
    if (json) {
      ObjectNode result = Json.object();
      result.put("parameters", run.parameters());
      result.put("tokens_per_step", run.tokensPerStep());
      result.put("flops_per_token", run.flopsPerToken());
      result.put("tensor_bytes", run.tensorBytes());
      result.put("peak_rss_mb", run.peakMb());
      result.put("ms_per_step", run.msPerStep());
      result.put("mfu", run.shareOfPeak());
      result.put("steps", run.steps());
      result.put("evaluations", run.evaluations());
      result.put("seconds", run.seconds());
      console().json(result);
      return;
    }
    console().err().print(RunConfigText.summary(config));
    console()
        .out()
        .printf(
            Locale.ROOT,
            "parameters       %,d%n"
                + "a step           %,d tokens, %.3g FLOP (%.3g per token)%n"
                + "memory           %,.0f MB of tensors, %,.0f MB resident at most%n"
                + "speed            %.1f ms a step, %,.0f tokens/s, %.0f %% of the peak%n"
                + "time             %s for %,d steps and %,d evaluations%n"
                + "This was a dry run: nothing was written.%n",
            run.parameters(),
            run.tokensPerStep(),
            run.flopsPerToken() * run.tokensPerStep(),
            run.flopsPerToken(),
            run.tensorBytes() / 1e6,
            run.peakMb(),
            run.msPerStep(),
            run.tokensPerStep() / run.msPerStep() * 1e3,
            100 * run.shareOfPeak(),
            duration(run.seconds()),
            run.steps(),
            run.evaluations());
  }

  private static String duration(double seconds) {
    if (seconds < 120) {
      return String.format(Locale.ROOT, "about %.0f seconds", seconds);
    }
    if (seconds < 7200) {
      return String.format(Locale.ROOT, "about %.0f minutes", seconds / 60);
    }
    return seconds < 172_800
        ? String.format(Locale.ROOT, "about %.1f hours", seconds / 3600)
        : String.format(Locale.ROOT, "about %.1f days", seconds / 86_400);
  }

  private final class OnConsole implements TrainingRun.Audience {
    @Override
    public void say(String line) {
      console().say(line);
    }

    @Override
    public void ready(RunConfig config, Map<String, String> facts) {
      console().err().print(RunConfigText.summary(config));
      facts.forEach((name, value) -> say(String.format(Locale.ROOT, "%-17s%s", name, value)));
    }

    @Override
    public List<RunSink> sinks(RunConfig config, long firstStep) {
      List<RunSink> sinks = new ArrayList<>();
      sinks.add(
          new ConsoleLines(
              console().err(), console().terminal(), firstStep, config.get(Keys.MAX_ITERS)));
      if (json) {
        sinks.add(new JsonSteps(console().out()));
      }
      return sinks;
    }
  }
}
