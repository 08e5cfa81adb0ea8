package birkhoff.transformer.cli;

import birkhoff.engine.Engine;
import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.checkpoint.SavedModel;
import birkhoff.transformer.checkpoint.TrainProgress;
import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.exchange.HfFolder;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.train.Optimizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a checkpoint of another program's model. */
@Command(
    name = "import",
    description = {
      "Makes a checkpoint of a Hugging Face folder that holds a GPT-2.",
      "Read are config.json, model.safetensors or its shards (float32, float16 or bfloat16), and"
          + " tokenizer.json, or vocab.json with merges.txt.",
      "train --init_from=hf:DIR starts from such a folder without this step."
    })
final class ImportCommand extends BaseCommand {
  @Option(names = "--input", paramLabel = "DIR", description = "A Hugging Face folder. Required.")
  private Path input;

  @Option(names = "--out", paramLabel = "DIR", description = "Checkpoint to make. Required.")
  private Path out;

  ImportCommand(Console console) {
    super(console);
  }

  @Override
  List<Key<?>> keys() {
    return List.of(Keys.TOKENIZER, Keys.BLOCK_SIZE, Keys.THREADS, Keys.KERNELS);
  }

  @Override
  Object fallback(Key<?> key) {
    return key.equals(Keys.TOKENIZER) || key.equals(Keys.BLOCK_SIZE) ? "" : super.fallback(key);
  }

  @Override
  ExitCode run() throws IOException {
    RunConfigBuilder settings = settings(new RunConfigBuilder());
    RunConfig asked = settings.build();
    Path target = required("--out", out);
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new UsageException("out=" + target + " exists; choose a new folder or remove it");
    }
    String tokenizer = settings.isSet(Keys.TOKENIZER) ? asked.get(Keys.TOKENIZER) : "";
    SavedModel model = HfFolder.open(required("--input", input), tokenizer);
    RunConfig config = model.config().with(Keys.INIT_FROM, "hf:" + model.folder());
    if (settings.isSet(Keys.BLOCK_SIZE)) {
      int positions = config.get(Keys.BLOCK_SIZE);
      if (asked.get(Keys.BLOCK_SIZE) > positions) {
        throw new UsageException(
            "block_size="
                + asked.get(Keys.BLOCK_SIZE)
                + " exceeds the "
                + positions
                + " positions of the model");
      }
      config = config.with(Keys.BLOCK_SIZE, asked.get(Keys.BLOCK_SIZE));
    }
    try (Engine engine = Setup.engine(asked)) {
      Gpt gpt = Gpt.create(engine, Setup.gpt(config), 0);
      model.readWeights(gpt.parameters());
      Checkpoint.write(
          target,
          config,
          model.tokenizer(),
          TrainProgress.start(""),
          gpt.parameters(),
          Optimizers.of(engine, gpt, config));
      console()
          .say(
              String.format(
                  Locale.ROOT,
                  "wrote %s: %,d parameters, tokenizer %s with %,d tokens",
                  target,
                  gpt.parameters().count(),
                  model.tokenizer().name(),
                  model.tokenizer().vocabularySize()));
    }
    return ExitCode.DONE;
  }
}
