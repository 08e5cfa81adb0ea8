package birkhoff.transformer.cli;

import birkhoff.engine.Engine;
import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.sample.Generator;
import birkhoff.transformer.sample.SamplingOptions;
import birkhoff.transformer.sample.TextStream;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.tokenizer.Tokenizer;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes text with a model. */
@Command(
    name = "sample",
    description = {
      "Continues a prompt. Prints the prompt and its continuation.",
      "Filters apply in the order repetition_penalty, temperature, top_k, top_p, min_p, each to"
          + " what the one before it left.",
      "With --json: text is the whole text, tokens are the ids of the continuation; with several"
          + " samples they are a list named samples.",
      "Keys and values are cached while the text is not longer than block_size; after that every"
          + " token runs the whole window of the last block_size tokens through the model.",
      "With --dtype=bfloat16 the matrices are rounded to bfloat16 when they are loaded, which"
          + " halves what is read per token."
    })
final class SampleCommand extends BaseCommand {
  @Mixin private CheckpointFlag checkpoint;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "How the text begins; empty for a line feed.")
  private String prompt;

  @Mixin private SamplingFlags flags;

  @Option(
      names = "--num_samples",
      paramLabel = "INT",
      defaultValue = "1",
      description =
          "Continuations; the seed of each is one more than that of the one before. Default:"
              + " ${DEFAULT-VALUE}.")
  private int samples;

  @Option(names = "--stream", description = "Print every token as soon as it is drawn.")
  private boolean stream;

  @Option(names = "--json", description = "Print the result as one JSON object on stdout.")
  private boolean json;

  SampleCommand(Console console) {
    super(console);
  }

  @Override
  List<Key<?>> keys() {
    return List.of(Keys.SEED, Keys.DTYPE, Keys.THREADS, Keys.KERNELS);
  }

  @Override
  ExitCode run() throws IOException {
    RunConfig asked = settings(new RunConfigBuilder()).build();
    SamplingOptions options = flags.options(asked.get(Keys.SEED));
    if (samples < 1) {
      throw new UsageException("num_samples=" + samples + " must be at least 1");
    }
    Checkpoint saved = checkpoint.open();
    Tokenizer tokenizer = saved.tokenizer();
    try (Engine engine = Setup.engine(asked)) {
      Gpt gpt = saved.forInference(engine, Setup.dtype(asked));
      var generator = new Generator(engine, gpt, tokenizer);
      int[] start = generator.prompt(prompt);
      var all = Json.object();
      ArrayNode list = all.putArray("samples");
      for (int k = 0; k < samples; k++) {
        ObjectNode one = sample(generator, tokenizer, start, options.withSeed(options.seed() + k));
        list.add(one);
        if (!json && k + 1 < samples) {
          console().out().println("---------------");
        }
      }
      if (json) {
        console().json(samples == 1 ? (ObjectNode) list.get(0) : all);
      }
      return ExitCode.DONE;
    }
  }

  private ObjectNode sample(
      Generator generator, Tokenizer tokenizer, int[] start, SamplingOptions options) {
    PrintStream out = console().out();
    boolean now = stream && !json;
    if (now) {
      out.print(prompt);
      out.flush();
    }
    var text = new TextStream(tokenizer, flags.stop(), now ? utf8 -> print(out, utf8) : utf8 -> {});
    Generator.Result result = generator.generate(start, flags.maxNewTokens(), options, text);
    String whole = prompt + text.finish();
    if (!json) {
      out.println(now ? "" : whole);
      out.flush();
    }
    return toJson(whole, text.stopped(), options.seed(), result);
  }

  private static void print(PrintStream out, byte[] utf8) {
    out.write(utf8, 0, utf8.length);
    out.flush();
  }

  private static ObjectNode toJson(
      String text, boolean stopped, long seed, Generator.Result result) {
    ObjectNode json = Json.object();
    json.put("text", text);
    var tokens = json.putArray("tokens");
    for (int token : result.tokens()) {
      tokens.add(token);
    }
    json.put("prefill_ms", result.prefillMs());
    if (Double.isNaN(result.decodeTokensPerSecond())) {
      json.putNull("decode_tokens_per_second");
    } else {
      json.put("decode_tokens_per_second", result.decodeTokensPerSecond());
    }
    json.put("seed", seed);
    json.put("stopped", stopped);
    return json;
  }
}
