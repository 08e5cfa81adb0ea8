package birkhoff.transformer.cli;

import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.data.Corpus;
import birkhoff.transformer.data.Preparation;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.tokenizer.Tokenizers;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Turns a text into token files. */
@Command(
    name = "prepare",
    description = {
      "Encodes a text once, so that training maps the tokens instead of reading the text.",
      "Writes train.bin (the first 90 %% of the characters), val.bin and meta.json. Memory does not"
          + " grow with the text."
    })
final class PrepareCommand extends BaseCommand {
  @Option(
      names = "--input",
      paramLabel = "PATH",
      defaultValue = "",
      description = "A UTF-8 text file or a folder of them; without it, the built-in corpus.")
  private String input;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder to write; required, created when missing.")
  private Path out;

  @Option(names = "--json", description = "Print the result as one JSON object on stdout.")
  private boolean json;

  PrepareCommand(Console console) {
    super(console);
  }

  @Override
  List<Key<?>> keys() {
    return List.of(Keys.TOKENIZER);
  }

  @Override
  ExitCode run() throws IOException {
    String tokenizer = settings(new RunConfigBuilder()).build().get(Keys.TOKENIZER);
    Tokenizers.requireKnown(tokenizer);
    Preparation done;
    try (var progress = new ReadingProgress(console())) {
      done = Preparation.run(Corpus.source(input), tokenizer, required("--out", out), progress);
    }
    if (json) {
      ObjectNode result = Json.object();
      result.put("folder", done.folder().toString());
      result.put("vocab_size", done.tokenizer().vocabularySize());
      result.put("train_tokens", done.trainTokens());
      result.put("val_tokens", done.valTokens());
      console().json(result);
    } else {
      console()
          .say(
              String.format(
                  Locale.ROOT,
                  "%s: %,d tokens to train, %,d to validate, a vocabulary of %,d (%s)",
                  done.folder(),
                  done.trainTokens(),
                  done.valTokens(),
                  done.tokenizer().vocabularySize(),
                  done.tokenizer().name()));
    }
    return ExitCode.DONE;
  }
}
