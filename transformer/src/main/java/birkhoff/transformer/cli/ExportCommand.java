package birkhoff.transformer.cli;

import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.exchange.ModelFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes a model for other programs. */
@Command(
    name = "export",
    description = {
      "Writes the weights of a checkpoint for other programs.",
      "safetensors: one file; its metadata hold the configuration and the tokenizer as JSON.",
      "hf-gpt2: a folder that Hugging Face's GPT2LMHeadModel and AutoTokenizer load.",
      "gguf: one float32 file that llama.cpp loads.",
      "hf-gpt2 and gguf hold plain residual models, hyper_conn_type=none."
    })
final class ExportCommand extends BaseCommand {
  @Mixin private CheckpointFlag checkpoint;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      completionCandidates = Formats.class,
      defaultValue = "safetensors",
      description = "One of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private String format;

  @Option(names = "--out", paramLabel = "PATH", description = "File or folder. Required.")
  private Path out;

  ExportCommand(Console console) {
    super(console);
  }

  @Override
  ExitCode run() throws IOException {
    ModelFormat wanted = ModelFormat.of(format);
    Path target = required("--out", out);
    Checkpoint saved = checkpoint.open();
    wanted.write(saved, target, console()::say);
    console().say("wrote " + target);
    return ExitCode.DONE;
  }

  private static final class Formats implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return ModelFormat.all().stream().map(ModelFormat::name).iterator();
    }
  }
}
