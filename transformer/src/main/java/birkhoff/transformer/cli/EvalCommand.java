package birkhoff.transformer.cli;

import birkhoff.engine.Engine;
import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.data.BatchSampler;
import birkhoff.transformer.data.Corpus;
import birkhoff.transformer.data.TokenWidth;
import birkhoff.transformer.data.Tokens;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.tokenizer.Tokenizer;
import birkhoff.transformer.train.Evaluator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the loss of a checkpoint. */
@Command(
    name = "eval",
    description = {
      "Measures the loss of a checkpoint in nats per token.",
      "Without --eval_iters, every window of the split once, in order; with it, that many"
          + " micro-batches."
    })
final class EvalCommand extends BaseCommand {
  @Mixin private CheckpointFlag checkpoint;

  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      description = "Token file to use instead of a dataset, such as val.bin.")
  private Path tokens;

  @Option(
      names = "--split",
      paramLabel = "train|val",
      defaultValue = "val",
      description = "Part of the dataset. Default: ${DEFAULT-VALUE}.")
  private String split;

  @Option(names = "--json", description = "Print the result as one JSON object on stdout.")
  private boolean json;

  EvalCommand(Console console) {
    super(console);
  }

  @Override
  List<Key<?>> keys() {
    return List.of(
        Keys.DATASET,
        Keys.SAMPLING,
        Keys.EVAL_ITERS,
        Keys.BATCH_SIZE,
        Keys.BLOCK_SIZE,
        Keys.SEED,
        Keys.THREADS,
        Keys.KERNELS);
  }

  @Override
  ExitCode run() throws IOException {
    RunConfigBuilder settings = settings(new RunConfigBuilder());
    RunConfig asked = settings.build();
    if (!split.equals("train") && !split.equals("val")) {
      throw new UsageException("split=" + split + " must be one of train, val");
    }
    Checkpoint saved = checkpoint.open();
    RunConfig trained = saved.config();
    int blockSize = value(settings, asked, trained, Keys.BLOCK_SIZE);
    if (blockSize > trained.get(Keys.BLOCK_SIZE)) {
      throw new UsageException(
          "block_size="
              + blockSize
              + " exceeds the "
              + trained.get(Keys.BLOCK_SIZE)
              + " positions of the model");
    }
    Tokenizer tokenizer = saved.tokenizer();
    if (tokens != null) {
      TokenWidth width = TokenWidth.of(tokenizer.vocabularySize());
      try (Tokens data = Tokens.map(tokens, width, tokenizer.vocabularySize())) {
        return eval(data, saved, settings, blockSize);
      }
    }
    String dataset = value(settings, asked, trained, Keys.DATASET);
    try (Corpus corpus = Corpus.open(dataset, tokenizer)) {
      return eval(split.equals("val") ? corpus.val() : corpus.train(), saved, settings, blockSize);
    }
  }

  private ExitCode eval(Tokens data, Checkpoint saved, RunConfigBuilder settings, int blockSize)
      throws IOException {
    RunConfig asked = settings.build();
    int batchSize = value(settings, asked, saved.config(), Keys.BATCH_SIZE);
    boolean whole = !settings.isSet(Keys.EVAL_ITERS);
    BatchSampler sampler =
        BatchSampler.of(
            whole && !settings.isSet(Keys.SAMPLING) ? "sequential" : asked.get(Keys.SAMPLING),
            data,
            blockSize,
            asked.get(Keys.SEED),
            BatchSampler.Stream.VAL_EVALUATION);
    long windows = (data.size() - 1) / blockSize;
    int rows = whole ? (int) Math.min(batchSize, windows) : batchSize;
    long count = whole ? windows / rows : asked.get(Keys.EVAL_ITERS);
    try (Engine engine = Setup.engine(asked)) {
      Gpt gpt = Gpt.create(engine, Setup.gpt(saved.config()), 0);
      saved.readWeights(gpt.parameters());
      var evaluator = new Evaluator(engine, gpt, saved.tokenizer().byteLengths(), rows, blockSize);
      Evaluator.Result result = evaluator.run(sampler, count);
      if (json) {
        ObjectNode object = Json.object();
        object.put("loss", result.loss());
        object.put("tokens", result.tokens());
        object.put("bits_per_byte", result.bitsPerByte());
        console().json(object);
      } else {
        console()
            .out()
            .printf(
                Locale.ROOT,
                "loss %.4f nats per token, %.4f bits per byte, on %,d tokens of %s%n",
                result.loss(),
                result.bitsPerByte(),
                result.tokens(),
                data.name());
      }
      return ExitCode.DONE;
    }
  }

  /** What the user set, else what the model was trained with. */
  private static <T> T value(
      RunConfigBuilder settings, RunConfig asked, RunConfig trained, Key<T> key) {
    return (settings.isSet(key) ? asked : trained).get(key);
  }
}
