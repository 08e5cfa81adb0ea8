package birkhoff.transformer.cli;

import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** The paper's experiments, each a command of its own: here is the list. */
@Command(
    name = "experiment",
    description = {
      "Repeats the experiments of the go-mHC paper (arXiv 2604.02309).",
      "Each writes its numbers as JSON and CSV, its charts as SVG, and one HTML page."
    },
    synopsisSubcommandLabel = "EXPERIMENT",
    footer = {"", "birkhoff experiment EXPERIMENT --help explains one."})
final class ExperimentCommand extends BaseCommand {
  private final List<BaseCommand> experiments;

  ExperimentCommand(Console console) {
    super(console);
    this.experiments =
        List.of(
            new SyntheticCommand(console),
            new SpectraCommand(console),
            new ResidualsCommand(console));
  }

  @Override
  List<BaseCommand> subcommands() {
    return experiments;
  }

  @Override
  ExitCode run() {
    throw usage(
        "an experiment is missing; there are: "
            + experiments.stream()
                .map(e -> e.getClass().getAnnotation(Command.class).name())
                .collect(Collectors.joining(", "))
            + "; see birkhoff experiment --help");
  }
}
