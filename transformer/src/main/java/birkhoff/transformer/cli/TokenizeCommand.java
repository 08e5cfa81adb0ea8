package birkhoff.transformer.cli;

import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.tokenizer.Tokenizer;
import birkhoff.transformer.tokenizer.Tokenizers;
import birkhoff.transformer.tokenizer.TrainingText;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows how a text is cut into tokens. */
@Command(
    name = "tokenize",
    description = {
      "Shows the tokens of a text: one line with the pieces and one with their ids.",
      "The char tokenizer takes the characters of the text itself as its vocabulary, and bpe:N"
          + " learns its tokens from it."
    })
final class TokenizeCommand extends BaseCommand {
  @Parameters(paramLabel = "TEXT", arity = "1", description = "The text.")
  private String text;

  @Option(names = "--json", description = "Print one JSON object with the ids and the pieces.")
  private boolean json;

  /** The text of the command line. */
  private record Given(String text) implements TrainingText {
    @Override
    public BitSet characters() {
      var set = new BitSet();
      text.codePoints().forEach(set::set);
      return set;
    }

    @Override
    public void read(Receiver receiver) throws IOException {
      receiver.accept(text);
    }
  }

  TokenizeCommand(Console console) {
    super(console);
  }

  @Override
  List<Key<?>> keys() {
    return List.of(Keys.TOKENIZER);
  }

  @Override
  ExitCode run() throws IOException {
    String name = settings(new RunConfigBuilder()).build().get(Keys.TOKENIZER);
    Tokenizer tokenizer = Tokenizers.forText(name, new Given(text));
    int[] ids = tokenizer.encode(text);
    if (json) {
      ObjectNode result = Json.object();
      var tokens = result.putArray("tokens");
      var pieces = result.putArray("pieces");
      for (int id : ids) {
        tokens.add(id);
        pieces.add(tokenizer.decode(id));
      }
      console().json(result);
    } else {
      console()
          .out()
          .println(Arrays.stream(ids).mapToObj(tokenizer::decode).collect(Collectors.joining("·")));
      console()
          .out()
          .println(Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(" ")));
    }
    return ExitCode.DONE;
  }
}
