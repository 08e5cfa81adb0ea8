package birkhoff.transformer.cli;

import birkhoff.engine.io.SafeTensorsEntry;
import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.engine.io.SafeTensorsWriter;
import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes a model for other programs. */
@Command(
    name = "export",
    description = {
      "Writes the weights of a checkpoint as one safetensors file.",
      "Its metadata hold the configuration and the tokenizer as JSON."
    })
final class ExportCommand extends BaseCommand {
  @Option(
      names = "--checkpoint",
      paramLabel = "DIR",
      description = "A checkpoint, or a run's folder for its newest one. Required.")
  private Path checkpoint;

  @Option(
      names = "--format",
      paramLabel = "safetensors",
      defaultValue = "safetensors",
      description = "Format of the file. Default: ${DEFAULT-VALUE}.")
  private String format;

  @Option(names = "--out", paramLabel = "FILE", description = "File to write. Required.")
  private Path out;

  ExportCommand(Console console) {
    super(console);
  }

  @Override
  ExitCode run() throws IOException {
    if (!format.equals("safetensors")) {
      throw new UsageException(
          "format=" + format + " does not exist in this version; there is safetensors");
    }
    Path file = required("--out", out);
    Checkpoint saved = Checkpoint.open(required("--checkpoint", checkpoint));
    try (var model = SafeTensorsReader.open(saved.folder().resolve(Checkpoint.MODEL))) {
      var writer =
          new SafeTensorsWriter()
              .metadata("format", "pt")
              .metadata("config", Json.line(RunConfigText.json(saved.config())))
              .metadata("tokenizer", Json.line(saved.tokenizer().toJson()));
      for (SafeTensorsEntry tensor : model.tensors()) {
        writer.add(tensor.name(), tensor.type(), tensor.shapeArray(), model.data(tensor));
      }
      writer.write(file);
    }
    console().say("wrote " + file);
    return ExitCode.DONE;
  }
}
