package birkhoff.transformer.cli;

import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.experiment.residuals.ResidualsExperiment;
import birkhoff.transformer.experiment.residuals.ResidualsReport;
import birkhoff.transformer.experiment.residuals.ResidualsRun;
import birkhoff.transformer.experiment.residuals.ResidualsSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The language model under every residual kind. */
@Command(
    name = "residuals",
    description = {
      "Trains the language model of --dataset under every residual kind, with the same batches and"
          + " several seeds, and compares losses, speed, memory, gradient norms and what the mixers"
          + " do (section 5.2 of the paper, with a control that does not mix).",
      "The default is nanoGPT's run for a CPU, 21 times. Each run is an ordinary training run in a"
          + " folder of its own inside --out_dir; finished ones are not repeated, unfinished ones"
          + " go on where they stopped, and kinds, d and seeds may be added later.",
      "Writes residuals.json, residuals.csv, charts as SVG and residuals.html after every run."
    })
final class ResidualsCommand extends BaseCommand {
  @Option(
      names = "--kinds",
      paramLabel = "LIST",
      defaultValue = "none,identity,mhc,mhc_lite,kromhc,go_mhc,hc",
      description =
          "Residual kinds; go_kromhc and unconstrained are others. Default: ${DEFAULT-VALUE}.")
  private String kinds;

  @Option(
      names = "--d",
      paramLabel = "LIST",
      defaultValue = "4",
      description =
          "Numbers of streams; kinds that cannot have as many are left out. Default:"
              + " ${DEFAULT-VALUE}.")
  private String streams;

  @Option(
      names = "--seeds",
      paramLabel = "LIST",
      defaultValue = "1337,7,42",
      description = "Seeds of each kind. Default: ${DEFAULT-VALUE}.")
  private String seeds;

  @Option(
      names = "--out_dir",
      paramLabel = "DIR",
      defaultValue = "residuals",
      description = "Folder for runs and results. Default: ${DEFAULT-VALUE}.")
  private Path outDir;

  @Option(names = "--json", description = "Print the result as one JSON object on stdout.")
  private boolean json;

  ResidualsCommand(Console console) {
    super(console);
  }

  @Override
  List<Key<?>> keys() {
    List<Key<?>> keys = new ArrayList<>(Keys.all().values());
    keys.removeIf(ResidualsSettings::isOwn);
    return keys;
  }

  @Override
  Object fallback(Key<?> key) {
    return ResidualsSettings.defaults().build().get(key);
  }

  @Override
  boolean takesFiles() {
    return true;
  }

  @Override
  ExitCode run() throws IOException {
    RunConfig base = settings(ResidualsSettings.defaults()).build();
    var settings =
        new ResidualsSettings(
            OptionValues.words(kinds), OptionValues.integers("d", streams), seeds(), base, outDir);
    if (Files.exists(outDir) && !Files.isDirectory(outDir)) {
      throw new UsageException("out_dir=" + outDir + " is a file; name a folder");
    }
    int planned = settings.plan().size();
    settings.impossible().forEach((what, why) -> console().say("left out: " + what + ": " + why));
    List<ResidualsRun> finished = new ArrayList<>();
    try (Interruption.Guard guard = console().interruption().guard()) {
      boolean complete =
          ResidualsExperiment.run(
              settings,
              guard::requested,
              all -> {
                finished.add(all.getLast());
                new ResidualsReport(settings, all).write();
                console().say(line(all, planned));
              });
      if (!complete) {
        console().say("interrupted and saved; the same command goes on from there");
        return ExitCode.INTERRUPTED;
      }
    }
    var report = new ResidualsReport(settings, finished);
    if (json) {
      console().json(report.json());
    } else {
      console().out().print(report.table());
    }
    console().say("wrote " + outDir.resolve(ResidualsReport.PAGE) + " and its data");
    return ExitCode.DONE;
  }

  private static String line(List<ResidualsRun> all, int planned) {
    ResidualsRun run = all.getLast();
    return String.format(
        Locale.ROOT,
        "%d/%d  %s: validation loss %.4f, %.4f before the first step; %,.0f tokens/s",
        all.size(),
        planned,
        run.which().label(),
        run.valLoss(),
        run.initialLoss(),
        run.tokensPerSecond());
  }

  private List<Long> seeds() {
    List<Long> values = new ArrayList<>();
    for (String word : OptionValues.words(seeds)) {
      try {
        values.add(Long.parseLong(word));
      } catch (NumberFormatException e) {
        throw new UsageException(
            "seeds=" + seeds + " must be integers separated by commas, such as 1337,7,42");
      }
    }
    return values;
  }
}
