package birkhoff.transformer.cli;

import birkhoff.transformer.config.Kind;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.experiment.synthetic.SyntheticCase;
import birkhoff.transformer.experiment.synthetic.SyntheticCurve;
import birkhoff.transformer.experiment.synthetic.SyntheticExperiment;
import birkhoff.transformer.experiment.synthetic.SyntheticReport;
import birkhoff.transformer.experiment.synthetic.SyntheticSettings;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How fast each kind of mixer learns known doubly stochastic matrices. */
@Command(
    name = "synthetic",
    description = {
      "The stream-mixing task: how fast and how well each kind of mixer learns known doubly"
          + " stochastic matrices from noisy samples (section 5.1 and Figure 8 of the paper).",
      "Writes synthetic.json, curves.csv, charts as SVG and synthetic.html to --out_dir.",
      "The default, every d from 2 to 16, takes minutes. The whole range of Figure 8,"
          + " --d=2-6,8,9,11,13,16,19,22,26,32,38,45,53,64 --s=2, takes hours: an epoch costs"
          + " (d s)^3."
    })
final class SyntheticCommand extends BaseCommand {
  @Option(
      names = "--d",
      paramLabel = "LIST",
      defaultValue = "2-16",
      description = "Streams: numbers and ranges. Default: ${DEFAULT-VALUE}.")
  private String streams;

  @Option(
      names = "--s",
      paramLabel = "LIST",
      defaultValue = "1,2",
      description =
          "Block sizes of go_mhc and go_kromhc; the paper has 3 too, which alone takes three times"
              + " as long as 2. Default: ${DEFAULT-VALUE}.")
  private String blockSizes;

  @Option(
      names = "--methods",
      paramLabel = "LIST",
      defaultValue = "go_mhc,mhc_lite,kromhc,mhc,go_kromhc",
      description =
          "Methods, where d allows them: mhc_lite below 7, kromhc at powers of a factor, go_kromhc"
              + " at products. Default: ${DEFAULT-VALUE}.")
  private String methods;

  @Option(
      names = "--skew",
      paramLabel = "LIST",
      defaultValue = "full,triangle",
      description =
          "Conventions of the skew-symmetric matrix: full (A = T - T', as published; Adam's step"
              + " counts twice) or triangle (one number per entry). Default: ${DEFAULT-VALUE}.")
  private String skews;

  @Option(
      names = "--factors",
      paramLabel = "LIST",
      defaultValue = "2",
      description = "Sizes of the factors of kromhc. Default: ${DEFAULT-VALUE}.")
  private String factors;

  @Option(
      names = "--epochs",
      paramLabel = "INT",
      defaultValue = "10000",
      description = "Adam steps on the whole data. Default: ${DEFAULT-VALUE}.")
  private String epochs;

  @Option(
      names = "--noise",
      paramLabel = "NUMBER",
      defaultValue = "0.1",
      description = "Magnitude of the uniform noise. Default: ${DEFAULT-VALUE}.")
  private String noise;

  @Option(
      names = "--problems",
      paramLabel = "INT",
      defaultValue = "64",
      description = "Matrices learnt side by side. Default: ${DEFAULT-VALUE}.")
  private String problems;

  @Option(
      names = "--samples",
      paramLabel = "INT",
      defaultValue = "100",
      description = "Inputs per problem. Default: ${DEFAULT-VALUE}.")
  private String samples;

  @Option(
      names = "--quirk",
      arity = "0..1",
      paramLabel = "true|false",
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Multiply the inputs by d, as the paper's notebook does. Default: ${DEFAULT-VALUE}.")
  private String quirk;

  @Option(
      names = "--seed",
      paramLabel = "INT",
      defaultValue = "42",
      description = "Of everything random. Default: ${DEFAULT-VALUE}.")
  private String seed;

  @Option(
      names = "--repeats",
      paramLabel = "INT",
      defaultValue = "10",
      description =
          "Seeds with which go_mhc (s=2), mhc_lite and kromhc run at d=4. Default:"
              + " ${DEFAULT-VALUE}.")
  private String repeats;

  @Option(
      names = "--threads",
      paramLabel = "INT",
      defaultValue = "0",
      description =
          "Runs that go on at the same time; the results do not depend on it. Default: all"
              + " processors.")
  private String threads;

  @Option(
      names = "--out_dir",
      paramLabel = "DIR",
      defaultValue = "synthetic",
      description = "Folder for the results. Default: ${DEFAULT-VALUE}.")
  private Path outDir;

  @Option(names = "--json", description = "Print the result as one JSON object on stdout.")
  private boolean json;

  /** The settings know the ranges. */
  private static final Kind<Integer> ANY = new Kind.Int(Integer.MIN_VALUE, Integer.MAX_VALUE);

  SyntheticCommand(Console console) {
    super(console);
  }

  @Override
  ExitCode run() throws IOException {
    SyntheticSettings settings = settings();
    List<SyntheticCase> cases = SyntheticExperiment.plan(settings);
    int wanted = value("threads", threads, new Kind.Int(0, 1024));
    int parallel = wanted == 0 ? Runtime.getRuntime().availableProcessors() : wanted;
    var progress = new Progress(console(), cases.size());
    try (var guard = console().interruption().guard()) {
      Optional<List<SyntheticCurve>> curves =
          SyntheticExperiment.run(settings, cases, parallel, guard::requested, progress::done);
      if (curves.isEmpty()) {
        console().say("interrupted; nothing was written");
        return ExitCode.INTERRUPTED;
      }
      var report = new SyntheticReport(settings, curves.get(), parallel, progress.seconds());
      report.write(outDir);
      ObjectNode result = report.json();
      if (json) {
        console().json(result);
      } else {
        console().out().print(report.table());
      }
      console().say("wrote " + outDir.resolve(SyntheticReport.PAGE) + " and its data");
      return ExitCode.DONE;
    }
  }

  private SyntheticSettings settings() {
    return new SyntheticSettings(
        OptionValues.integers("d", streams),
        OptionValues.integers("s", blockSizes),
        OptionValues.words(methods),
        OptionValues.words(skews),
        OptionValues.integers("factors", factors),
        value("epochs", epochs, ANY),
        value("noise", noise, new Kind.Number(0, Double.MAX_VALUE, true)),
        value("problems", problems, ANY),
        value("samples", samples, ANY),
        value("quirk", quirk, new Kind.Bool()),
        value("seed", seed, new Kind.Int64()),
        value("repeats", repeats, ANY));
  }

  private static <T> T value(String name, String text, Kind<T> kind) {
    try {
      return kind.parse(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException(name + "=" + text + " " + e.getMessage());
    }
  }

  /** A line per finished run. */
  private static final class Progress {
    private final Console console;
    private final int all;
    private final long start = System.nanoTime();
    private int done;

    Progress(Console console, int all) {
      this.console = console;
      this.all = all;
    }

    void done(SyntheticCurve curve) {
      done++;
      console.say(
          String.format(
              Locale.ROOT,
              "%d/%d  d=%d %s, seed %d: MSE %.6f, converged after %d epochs, %.3f ms per epoch",
              done,
              all,
              curve.which().streams(),
              curve.which().label(),
              curve.which().seed(),
              curve.finalMse(),
              curve.epochsToConverge(),
              curve.msPerEpoch()));
    }

    double seconds() {
      return (System.nanoTime() - start) / 1e9;
    }
  }
}
