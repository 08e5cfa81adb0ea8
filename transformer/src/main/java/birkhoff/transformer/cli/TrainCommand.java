package birkhoff.transformer.cli;

import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.metrics.ConsoleLines;
import birkhoff.transformer.metrics.JsonSteps;
import birkhoff.transformer.metrics.RunSink;
import birkhoff.transformer.train.RunStart;
import birkhoff.transformer.train.Trainer;
import birkhoff.transformer.train.TrainingRun;
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
    try (Interruption.Guard guard = console().interruption().guard()) {
      Trainer.Outcome outcome = TrainingRun.run(start, new OnConsole(), guard::requested);
      return outcome == Trainer.Outcome.INTERRUPTED ? ExitCode.INTERRUPTED : ExitCode.DONE;
    }
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
