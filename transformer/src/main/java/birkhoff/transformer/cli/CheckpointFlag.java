package birkhoff.transformer.cli;

import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.error.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option of commands that work on a checkpoint. */
final class CheckpointFlag {
  @Option(
      names = "--checkpoint",
      paramLabel = "DIR",
      description = "A checkpoint, RUN for a run's newest or RUN/best for its best. Required.")
  private Path path;

  /**
   * Opens it.
   *
   * @throws UsageException when the option was not given
   */
  Checkpoint open() throws IOException {
    return Checkpoint.open(BaseCommand.required("--checkpoint", path));
  }
}
