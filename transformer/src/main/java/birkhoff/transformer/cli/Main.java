package birkhoff.transformer.cli;

import birkhoff.engine.error.BirkhoffException;
import birkhoff.engine.io.FormatException;
import birkhoff.transformer.config.NearestName;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.error.DivergedException;
import birkhoff.transformer.error.UsageException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Entry point of the command line. Errors are one line; {@code --debug} adds the stack trace. */
public final class Main {
  private static final String DEBUG = "--debug";

  private Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    PrintStream out = utf8(FileDescriptor.out);
    PrintStream err = utf8(FileDescriptor.err);
    String told = System.getProperty("birkhoff.stderr.terminal");
    boolean terminal =
        told != null
            ? Boolean.parseBoolean(told)
            : System.console() != null && System.console().isTerminal();
    boolean plain = "dumb".equals(System.getenv("TERM")) || System.getenv("NO_COLOR") != null;
    boolean debug = System.getenv("BIRKHOFF_DEBUG") != null;
    var interruption = new Interruption();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> onShutdown(interruption), "shutdown"));
    var console = new Console(System.in, out, err, terminal && !plain, interruption);
    int code = run(console, debug, asTyped(args));
    if (out.checkError() && code == 0) {
      console.say(
          "birkhoff: standard output could not be written whole: its disk is full, or its reader"
              + " has ended");
      code = ExitCode.FAILURE.value();
    }
    err.flush();
    interruption.end(code);
    System.exit(code);
  }

  /** The launcher's reading of the arguments, which does not depend on the locale. */
  private static String[] asTyped(String... args) {
    String encoded = System.getProperty("birkhoff.arguments");
    if (encoded == null) {
      return args;
    }
    byte[] utf8 = Base64.getUrlDecoder().decode(encoded);
    return new String(utf8, StandardCharsets.UTF_8).split("\0", -1);
  }

  /** A signal's own exit code would hide that a checkpoint was saved. */
  private static void onShutdown(Interruption interruption) {
    int code = interruption.request();
    StderrDelivery.complete();
    if (code >= 0) {
      Runtime.getRuntime().halt(code);
    }
  }

  /**
   * Runs a command in this process.
   *
   * @param debug whether errors come with a stack trace
   * @return the exit code
   */
  static int run(Console console, boolean debug, String... args) {
    List<String> rest = new ArrayList<>(Arrays.asList(args));
    boolean trace = rest.remove(DEBUG) || debug;
    CommandLine root = commandLine(console);
    root.setExecutionExceptionHandler((e, command, result) -> failed(console, trace, e));
    root.setParameterExceptionHandler((e, ignored) -> misused(console, trace, e));
    try {
      return root.execute(rest.stream().map(arg -> normalised(root, arg)).toArray(String[]::new));
    } catch (OutOfMemoryError e) {
      String remedy = "; give Java more, for example BIRKHOFF_JAVA_OPTS=-Xmx2g";
      return say(console, trace, ExitCode.FAILURE, "out of memory: " + e.getMessage() + remedy, e);
    } catch (LinkageError e) {
      String cause = e.getCause() == null ? e.toString() : e.getCause().toString();
      return say(console, trace, ExitCode.FAILURE, firstLine(cause), e);
    }
  }

  /** The same, for callers outside this package. */
  public static int run(PrintStream out, PrintStream err, String... args) {
    return run(InputStream.nullInputStream(), out, err, args);
  }

  /** The same with something to read. */
  public static int run(InputStream in, PrintStream out, PrintStream err, String... args) {
    return run(new Console(in, out, err, false, new Interruption()), false, args);
  }

  private static CommandLine commandLine(Console console) {
    var root = new CommandLine(new Root());
    addAll(root, Commands.all(console));
    root.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
    root.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
    root.setOverwrittenOptionsAllowed(true);
    root.setUsageHelpAutoWidth(true);
    root.setAbbreviatedOptionsAllowed(false);
    return root;
  }

  private static void addAll(CommandLine parent, List<BaseCommand> commands) {
    for (BaseCommand command : commands) {
      var line = new CommandLine(command);
      command.complete(line.getCommandSpec());
      line.getCommandSpec().usageMessage().sortOptions(false);
      addAll(line, command.subcommands());
      parent.addSubcommand(line);
    }
  }

  /** {@code --batch-size=4} means {@code --batch_size=4}, where an option has that name. */
  private static String normalised(CommandLine root, String arg) {
    if (!arg.startsWith("--")) {
      return arg;
    }
    int end = arg.indexOf('=');
    String name = end < 0 ? arg : arg.substring(0, end);
    String wanted = "--" + name.substring(2).replace('-', '_');
    return isOption(root, wanted) ? wanted + arg.substring(name.length()) : arg;
  }

  /** Whether a command below {@code parent}, however deep, has the option. */
  private static boolean isOption(CommandLine parent, String name) {
    return parent.getSubcommands().values().stream()
        .anyMatch(command ->
            command.getCommandSpec().findOption(name) != null || isOption(command, name));
  }

  private static int misused(Console console, boolean trace, ParameterException e) {
    CommandLine command = e.getCommandLine();
    String message = firstLine(e.getMessage());
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      message = unmatched(command, unmatched.getUnmatched().get(0));
    }
    return say(console, trace, ExitCode.USAGE, message, e);
  }

  private static String unmatched(CommandLine command, String argument) {
    CommandSpec spec = command.getCommandSpec();
    boolean root = spec.parent() == null;
    String typed = argument.replaceFirst("=.*", "");
    if (root && !typed.startsWith("-")) {
      return "unknown command '" + typed + "'" + meant(typed, command.getSubcommands().keySet());
    }
    if (!command.getSubcommands().isEmpty() && !typed.startsWith("-")) {
      String there = String.join(", ", command.getSubcommands().keySet());
      return "unknown " + spec.name() + " '" + typed + "'; there are: " + there;
    }
    if (!typed.startsWith("--")) {
      return "unexpected argument '" + argument + "'; options are --key=value, see --help";
    }
    List<String> names = new ArrayList<>();
    spec.optionsMap().keySet().stream()
        .filter(name -> name.startsWith("--"))
        .forEach(name -> names.add(name.substring(2)));
    String key = typed.substring(2).replace('-', '_');
    return "unknown key '" + typed.substring(2) + "'" + meant(key, names);
  }

  private static String meant(String typed, Collection<String> names) {
    Optional<String> nearest = NearestName.of(typed, names);
    return nearest.map(name -> "; did you mean '" + name + "'?").orElse("");
  }

  private static int failed(Console console, boolean trace, Exception e) {
    return switch (e) {
      case ParameterException misuse -> misused(console, trace, misuse);
      case UsageException usage -> say(console, trace, ExitCode.USAGE, usage.getMessage(), e);
      case DivergedException diverged ->
          say(console, trace, ExitCode.DIVERGED, diverged.getMessage(), e);
      case DataException data -> say(console, trace, ExitCode.BAD_DATA, data.getMessage(), e);
      case FormatException format -> say(console, trace, ExitCode.BAD_DATA, format.getMessage(), e);
      case NoSuchFileException missing ->
          say(console, trace, ExitCode.BAD_DATA, missing.getFile() + " does not exist", e);
      case AccessDeniedException denied -> {
        String rule = ": permission denied; change its permissions or choose another place";
        yield say(console, trace, ExitCode.FAILURE, "cannot use " + denied.getFile() + rule, e);
      }
      case FileSystemException file ->
          say(console, trace, ExitCode.FAILURE, "cannot use " + file.getMessage(), e);
      default -> {
        String what = e.getMessage() == null ? "" : ": " + firstLine(e.getMessage());
        boolean expected = e instanceof BirkhoffException;
        String message = expected ? firstLine(e.getMessage()) : e.getClass().getSimpleName() + what;
        yield say(console, trace, ExitCode.FAILURE, message, e);
      }
    };
  }

  private static int say(
      Console console, boolean trace, ExitCode code, String message, Throwable cause) {
    console.say("birkhoff: " + message);
    if (trace) {
      cause.printStackTrace(console.err());
    }
    console.err().flush();
    return code.value();
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse(text);
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  @Command(
      name = "birkhoff",
      description = "Trains small GPTs with doubly stochastic residual streams, on the CPU.",
      synopsisSubcommandLabel = "COMMAND",
      footer = {
        "",
        "birkhoff COMMAND --help explains a command. Options are --key=value; - and _ are the"
            + " same.",
        "--debug, or BIRKHOFF_DEBUG in the environment, adds stack traces to errors."
      },
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  private static final class Root implements Runnable {
    @CommandLine.Spec private CommandSpec spec;

    @Override
    public void run() {
      throw new ParameterException(spec.commandLine(), "a command is missing; see birkhoff --help");
    }
  }
}
