package birkhoff.transformer.cli;

import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.experiment.spectra.Family;
import birkhoff.transformer.experiment.spectra.ReachCase;
import birkhoff.transformer.experiment.spectra.ReachFiles;
import birkhoff.transformer.experiment.spectra.ReachResult;
import birkhoff.transformer.experiment.spectra.SpectralReach;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.setup.Machine;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Which eigenvalues the families of mixers reach. */
@Command(
    name = "spectra",
    description = {
      "Which eigenvalues do the mixers reach? For each of many target points one matrix is led"
          + " towards having an eigenvalue there (arXiv 2604.02309, section 4); all eigenvalues on"
          + " the way are counted.",
      "Prints, per method, the share of the region of doubly stochastic matrices' eigenvalues that"
          + " was reached, and the gap that is left at its edge.",
      "Writes spectra.json, a histogram per case as CSV and SVG, and spectra.html to --out_dir."
    })
final class SpectraCommand extends BaseCommand {
  private static final int MOST_BLOCKS = 4;
  private static final int MOST_TARGETS = 10_000_000;
  private static final int MOST_STEPS = 1_000_000;

  @Option(
      names = "--d",
      paramLabel = "LIST",
      defaultValue = "3,4",
      description = "Sizes of the matrices: 3, 4. Default: ${DEFAULT-VALUE}.")
  private String sizes;

  @Option(
      names = "--methods",
      paramLabel = "LIST",
      defaultValue = "go_mhc,mhc_lite,kromhc,mhc",
      description = "Families of matrices; kromhc has d=4 only. Default: ${DEFAULT-VALUE}.")
  private String methods;

  @Option(
      names = "--s",
      paramLabel = "LIST",
      defaultValue = "1,2",
      description = "Block sizes of go_mhc, 1 to 4. Default: ${DEFAULT-VALUE}.")
  private String blockSizes;

  @Option(
      names = "--closest",
      paramLabel = "LIST",
      defaultValue = "any,free",
      description =
          "Which eigenvalue is led to the target, the closest of all (any, as in the paper) or of"
              + " all but the 1 that every matrix has (free). Default: ${DEFAULT-VALUE}.")
  private String closest;

  @Option(
      names = "--map",
      paramLabel = "exp|cayley",
      defaultValue = "exp",
      description =
          "How go_mhc makes orthogonal matrices: exp as in the paper's experiment, cayley as in"
              + " training. Default: ${DEFAULT-VALUE}.")
  private String map;

  @Option(
      names = "--targets",
      paramLabel = "INT",
      defaultValue = "10000",
      description = "Target points. Default: ${DEFAULT-VALUE}.")
  private int targets;

  @Option(
      names = "--steps",
      paramLabel = "INT",
      defaultValue = "0",
      description = "Steps of Adam; 0 for the paper's, 100 of go_mhc and 250 of the others.")
  private int steps;

  @Option(
      names = "--seed",
      paramLabel = "INT",
      defaultValue = "42",
      description = "Seed of targets and starting values. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--out_dir",
      paramLabel = "DIR",
      defaultValue = "spectra",
      description = "Folder for the results. Default: ${DEFAULT-VALUE}.")
  private Path outDir;

  @Option(names = "--json", description = "Print the result as one JSON object on stdout.")
  private boolean json;

  SpectraCommand(Console console) {
    super(console);
  }

  @Override
  List<Key<?>> keys() {
    return List.of(Keys.THREADS);
  }

  @Override
  ExitCode run() throws IOException {
    int asked = settings(new RunConfigBuilder()).build().get(Keys.THREADS);
    int threads = asked == 0 ? Runtime.getRuntime().availableProcessors() : asked;
    List<ReachCase> cases = cases();
    if (Files.exists(outDir) && !Files.isDirectory(outDir)) {
      throw new UsageException("out_dir=" + outDir + " is a file; name a folder");
    }
    // Better to fail now than after minutes.
    Files.createDirectories(outDir);
    SpectralReach reach = new SpectralReach(targets, seed, threads);
    List<ReachResult> results = new ArrayList<>();
    try (Interruption.Guard guard = console().interruption().guard()) {
      heading();
      for (ReachCase what : cases) {
        ReachResult result = reach.run(what, guard::requested);
        if (result == null) {
          console().say("interrupted; nothing was written");
          return ExitCode.INTERRUPTED;
        }
        line(result);
        results.add(result);
      }
      ObjectNode numbers = ReachFiles.write(outDir, about(threads), results);
      if (json) {
        console().json(numbers);
      } else {
        console().out().println("report: " + outDir.resolve(ReachFiles.PAGE));
      }
    }
    return ExitCode.DONE;
  }

  private List<ReachCase> cases() {
    within("targets", targets, 1, MOST_TARGETS, "a thousand give a picture");
    within("steps", steps, 0, MOST_STEPS, "0 takes the paper's");
    List<Integer> ds = numbers("d", sizes, 3, 4, "only there the region is known");
    List<Integer> blocks =
        numbers("s", blockSizes, 1, MOST_BLOCKS, "sizes are positive, and larger ones take long");
    List<Family> families = words("methods", methods, Family.values(), Family::id);
    List<ReachCase.Closest> choices =
        words("closest", closest, ReachCase.Closest.values(), ReachCase.Closest::id);
    Family.Orthogonal orthogonal =
        word("map", map, Family.Orthogonal.values(), Family.Orthogonal::id);
    List<ReachCase> cases = new ArrayList<>();
    for (int d : ds) {
      for (Family family : families) {
        for (int s : family.hasBlocks() ? blocks : List.of(0)) {
          for (ReachCase.Closest choice : choices) {
            if (family.has(d)) {
              int count = steps == 0 ? family.steps() : steps;
              cases.add(new ReachCase(d, family, s, orthogonal, choice, count));
            }
          }
        }
      }
    }
    if (cases.isEmpty()) {
      throw new UsageException(
          "methods=" + methods + " has no matrices with d=" + sizes + ": kromhc needs --d=4");
    }
    return cases;
  }

  private static void within(String name, int value, int min, int max, String hint) {
    if (value < min || value > max) {
      throw new UsageException(
          name + "=" + value + " must be between " + min + " and " + max + ": " + hint);
    }
  }

  private static List<Integer> numbers(String name, String list, int min, int max, String why) {
    List<Integer> numbers = OptionValues.integers(name, list).stream().distinct().toList();
    for (int number : numbers) {
      within(name, number, min, max, why);
    }
    return notEmpty(name, numbers);
  }

  private static <T> List<T> words(String name, String list, T[] known, Function<T, String> id) {
    List<String> words = OptionValues.words(list).stream().distinct().toList();
    return notEmpty(name, words).stream().map(item -> word(name, item, known, id)).toList();
  }

  private static <T> T word(String name, String item, T[] known, Function<T, String> id) {
    return Arrays.stream(known)
        .filter(value -> id.apply(value).equals(item))
        .findFirst()
        .orElseThrow(() ->
            new UsageException(
                name
                    + "="
                    + item
                    + " must be one of "
                    + Arrays.stream(known).map(id).collect(Collectors.joining(", "))));
  }

  private static <T> List<T> notEmpty(String name, List<T> values) {
    if (values.isEmpty()) {
      throw new UsageException(name + " is empty; leave it out for the default, see --help");
    }
    return values;
  }

  private ObjectNode about(int threads) {
    ObjectNode about = Json.object();
    about.put("experiment", "spectra");
    about.put("targets", targets);
    about.put("seed", seed);
    about.put("map", map);
    about.put("threads", threads);
    about.put("processor", Machine.processor());
    about.put("java", Machine.java());
    about.put("version", Machine.version());
    return about;
  }

  private void heading() {
    if (!json) {
      console()
          .out()
          .printf(
              "%-2s %-9s %2s %-8s %7s %7s %7s %12s %8s %9s %8s%n",
              "d",
              "method",
              "s",
              "closest",
              "share",
              "eps",
              "mean",
              "edge middle",
              "outside",
              "farthest",
              "seconds");
    }
  }

  private void line(ReachResult r) {
    if (json) {
      return;
    }
    ReachCase what = r.what();
    console()
        .out()
        .printf(
            Locale.ROOT,
            "%-2d %-9s %2s %-8s %5.1f %% %7.4f %7.4f %12.4f %6.2f %% %9.4f %8.1f%n",
            what.d(),
            what.family().id(),
            what.s() > 0 ? what.s() : "",
            what.closest().id(),
            100 * r.share(),
            r.gap(),
            r.meanGap(),
            r.edgeGap(),
            100 * r.leakShare(),
            r.reached().farthest(),
            r.seconds());
    console().out().flush();
  }
}
