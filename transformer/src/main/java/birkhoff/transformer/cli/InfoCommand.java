package birkhoff.transformer.cli;

import birkhoff.engine.Engine;
import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.diagnostics.MixerProbe;
import birkhoff.transformer.diagnostics.MixerWatch;
import birkhoff.transformer.diagnostics.TensorStatistics;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.sample.Generator;
import birkhoff.transformer.sample.SamplingOptions;
import birkhoff.transformer.setup.Setup;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Explains a checkpoint, or a file of tensors. */
@Command(
    name = "info",
    description = {
      "Explains a checkpoint: where it comes from, tokenizer, configuration, parameters by what"
          + " they belong to, mixers, tensors.",
      "Of a file, safetensors or GGUF: its metadata and tensors.",
      "The mixers of streams are looked at while the model reads a text that it wrote itself."
    })
final class InfoCommand extends BaseCommand {
  private static final int MOST_TOKENS = 64;

  @Parameters(
      paramLabel = "CHECKPOINT",
      description =
          "A checkpoint, RUN for a run's newest, RUN/best for its best, or a file of tensors.")
  private Path path;

  @Option(names = "--json", description = "Print the result as one JSON object on stdout.")
  private boolean json;

  InfoCommand(Console console) {
    super(console);
  }

  @Override
  List<Key<?>> keys() {
    return List.of(Keys.THREADS, Keys.KERNELS);
  }

  @Override
  ExitCode run() throws IOException {
    if (Files.isRegularFile(path)) {
      var text = TensorFileText.of(path);
      show(text::json, text::lines);
      return ExitCode.DONE;
    }
    RunConfig asked = settings(new RunConfigBuilder()).build();
    Checkpoint checkpoint = Checkpoint.open(path);
    List<TensorStatistics> tensors;
    try (var model = SafeTensorsReader.open(checkpoint.folder().resolve(Checkpoint.MODEL))) {
      tensors = model.tensors().stream().map(t -> TensorStatistics.of(model, t)).toList();
    }
    boolean finite = tensors.stream().allMatch(t -> t.nonFinite() == 0);
    Optional<MixerWatch> mixers = finite ? mixers(asked, checkpoint) : Optional.empty();
    var text = new InfoText(checkpoint, tensors, mixers);
    show(text::json, text::lines);
    return ExitCode.DONE;
  }

  private interface Text<T> {
    T get() throws IOException;
  }

  private void show(Text<ObjectNode> object, Text<String> lines) throws IOException {
    if (json) {
      console().json(object.get());
    } else {
      console().out().print(lines.get());
    }
  }

  /** The mixers on a text of the model's own; empty for a model without streams. */
  private static Optional<MixerWatch> mixers(RunConfig asked, Checkpoint checkpoint)
      throws IOException {
    var config = Setup.gpt(checkpoint.config());
    if (!MixerProbe.applies(config)) {
      return Optional.empty();
    }
    try (Engine engine = Setup.engine(asked)) {
      Gpt gpt = Gpt.create(engine, config, 0);
      checkpoint.readWeights(gpt.parameters());
      var generator = new Generator(engine, gpt, checkpoint.tokenizer());
      int[] start = generator.prompt("");
      int time = Math.min(MOST_TOKENS, config.blockSize());
      int[] text = Arrays.copyOf(start, time);
      int missing = Math.max(0, time - start.length);
      if (missing > 0) {
        int[] drawn =
            generator.generate(start, missing, SamplingOptions.of(1, 0), token -> true).tokens();
        System.arraycopy(drawn, 0, text, start.length, missing);
      }
      var probe = new MixerProbe(engine, gpt, 1, time);
      MixerWatch watch = probe.watch();
      probe.look(text, watch);
      return Optional.of(watch);
    }
  }
}
