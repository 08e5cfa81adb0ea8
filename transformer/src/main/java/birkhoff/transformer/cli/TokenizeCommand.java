package birkhoff.transformer.cli;

import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.tokenizer.Tokenizer;
import birkhoff.transformer.tokenizer.Tokenizers;
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
      "The char tokenizer takes the characters of the text itself as its vocabulary."
    })
final class TokenizeCommand extends BaseCommand {
  @Parameters(paramLabel = "TEXT", arity = "1", description = "The text.")
  private String text;

  @Option(names = "--json", description = "Print one JSON object with the ids and the pieces.")
  private boolean json;

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
    var characters = new BitSet();
    text.codePoints().forEach(characters::set);
    Tokenizer tokenizer = Tokenizers.forText(name, () -> characters);
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
