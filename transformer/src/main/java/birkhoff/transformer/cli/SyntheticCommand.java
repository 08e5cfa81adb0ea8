package birkhoff.transformer.cli;

import birkhoff.transformer.error.UsageException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How fast each kind of mixer learns known doubly stochastic matrices. */
@Command(
    name = "synthetic",
    description = "The stream-mixing task: how fast and how well mixers fit known matrices.")
final class SyntheticCommand extends BaseCommand {
  @Option(
      names = "--out_dir",
      paramLabel = "DIR",
      defaultValue = "synthetic",
      description = "Folder for the results. Default: ${DEFAULT-VALUE}.")
  private Path outDir;

  SyntheticCommand(Console console) {
    super(console);
  }

  @Override
  ExitCode run() {
    throw new UsageException("experiment synthetic cannot write " + outDir + " yet");
  }
}
