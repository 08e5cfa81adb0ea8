package birkhoff.transformer.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * Lines that people type: edited on a terminal, with a history for the session, else as they come.
 */
interface TypedLines extends AutoCloseable {
  /** The next line, or nothing when there are no more. */
  Optional<String> next() throws IOException;

  /** Begins something that Ctrl-C shall end; the result tells whether it was pressed since. */
  BooleanSupplier interruptible();

  @Override
  void close() throws IOException;

  /** From a terminal when there is one, else from the console's input. */
  static TypedLines of(Console console, String prompt) throws IOException {
    boolean terminal = System.console() != null && System.console().isTerminal();
    return terminal && console.in().equals(System.in)
        ? new Edited(prompt)
        : new Plain(
            new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8)));
  }

  /** As they come. */
  record Plain(BufferedReader reader) implements TypedLines {
    @Override
    public Optional<String> next() throws IOException {
      return Optional.ofNullable(reader.readLine());
    }

    @Override
    public BooleanSupplier interruptible() {
      return () -> false;
    }

    @Override
    public void close() {
      // The input is the caller's.
    }
  }

  /** On a terminal. */
  final class Edited implements TypedLines {
    private final Terminal terminal;
    private final LineReader reader;
    private final String prompt;
    private volatile boolean interrupted;

    Edited(String prompt) throws IOException {
      this.prompt = prompt;
      terminal = TerminalBuilder.builder().system(true).encoding(StandardCharsets.UTF_8).build();
      terminal.handle(Terminal.Signal.INT, signal -> interrupted = true);
      reader =
          LineReaderBuilder.builder()
              .terminal(terminal)
              .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
              .build();
    }

    @Override
    public Optional<String> next() {
      while (true) {
        try {
          return Optional.of(reader.readLine(prompt));
        } catch (UserInterruptException e) {
          // Ctrl-C gives the line up, as in a shell.
          continue;
        } catch (EndOfFileException e) {
          return Optional.empty();
        }
      }
    }

    @Override
    public BooleanSupplier interruptible() {
      interrupted = false;
      return () -> interrupted;
    }

    @Override
    public void close() throws IOException {
      terminal.close();
    }
  }
}
