package birkhoff.transformer.cli;

import birkhoff.engine.Engine;
import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.sample.Conversation;
import birkhoff.transformer.sample.Generator;
import birkhoff.transformer.setup.Setup;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Writes a text with a person in turns. */
@Command(
    name = "chat",
    description = {
      "Writes a text with you: what you type is added to it, and the model goes on.",
      "A line that ends with a backslash goes on in the next one. Ctrl-C ends the model's part,"
          + " Ctrl-D the program. /help lists what else there is.",
      "The model sees the last block_size tokens of the text."
    })
final class ChatCommand extends BaseCommand {
  private static final String HELP =
      """
      /set NAME=VALUE   change an option, such as /set temperature=0.5
      /text             show the text so far
      /reset            begin a new text
      /quit             end (or Ctrl-D)
      An empty line lets the model go on.\
      """;

  @Mixin private CheckpointFlag checkpoint;

  @Mixin private SamplingFlags flags;

  ChatCommand(Console console) {
    super(console);
  }

  @Override
  List<Key<?>> keys() {
    return List.of(Keys.SEED, Keys.DTYPE, Keys.THREADS, Keys.KERNELS);
  }

  @Override
  ExitCode run() throws IOException {
    RunConfig asked = settings(new RunConfigBuilder()).build();
    long seed = asked.get(Keys.SEED);
    flags.options(seed);
    Checkpoint saved = checkpoint.open();
    try (Engine engine = Setup.engine(asked);
        TypedLines lines = TypedLines.of(console(), "> ")) {
      Gpt gpt = saved.forInference(engine, Setup.dtype(asked));
      var generator = new Generator(engine, gpt, saved.tokenizer());
      console()
          .say(
              String.format(
                  Locale.ROOT,
                  "%s: %,d parameters, %d tokens of context, tokenizer %s; /help for help",
                  saved.folder(),
                  gpt.parameters().count(),
                  gpt.config().blockSize(),
                  saved.tokenizer().name()));
      talk(new Conversation(generator, saved.tokenizer()), lines, seed);
    }
    return ExitCode.DONE;
  }

  private void talk(Conversation conversation, TypedLines lines, long seed) throws IOException {
    Optional<String> line = lines.next();
    while (line.isPresent() && !line.get().equals("/quit")) {
      String typed = line.get();
      try {
        if (typed.startsWith("/")) {
          command(typed, conversation);
        } else {
          turn(whole(typed, lines), conversation, lines, seed);
        }
      } catch (DataException | UsageException e) {
        console().say(e.getMessage().lines().findFirst().orElse(""));
      }
      line = lines.next();
    }
  }

  /** Joins lines that end with a backslash with those behind them. */
  private static String whole(String typed, TypedLines lines) throws IOException {
    String text = typed;
    while (text.endsWith("\\")) {
      text = text.substring(0, text.length() - 1) + "\n" + lines.next().orElse("");
    }
    return text;
  }

  private void turn(String text, Conversation conversation, TypedLines lines, long seed) {
    PrintStream out = console().out();
    conversation.turn(
        text.isEmpty() ? "" : text + "\n",
        flags.maxNewTokens(),
        flags.options(seed),
        flags.stop(),
        lines.interruptible(),
        utf8 -> {
          out.write(utf8, 0, utf8.length);
          out.flush();
        });
    out.println();
    out.flush();
  }

  private void command(String typed, Conversation conversation) {
    String[] words = typed.strip().split("\\s+", 2);
    switch (words[0]) {
      case "/help" -> console().say(HELP);
      case "/text" -> console().out().println(conversation.text());
      case "/reset" -> conversation.clear();
      case "/set" -> flags = flags.with(words.length > 1 ? words[1] : "");
      default ->
          throw new UsageException("there is no " + words[0] + "; /help lists what there is");
    }
  }
}
