package birkhoff.transformer.cli;

import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Preset;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.error.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands share: help, the console, and options made from configuration keys. */
abstract class BaseCommand implements Callable<Integer> {
  private static final String PRESET = "--preset";
  private static final String CONFIG = "--config";

  private final Console console;

  @Spec private CommandSpec spec;

  BaseCommand(Console console) {
    this.console = console;
  }

  /** The configuration keys that are options of this command. */
  List<Key<?>> keys() {
    return List.of();
  }

  /** Commands inside this one, in the order of the help text. */
  List<BaseCommand> subcommands() {
    return List.of();
  }

  /** The value of a key that nothing sets, for the help text. */
  Object fallback(Key<?> key) {
    return key.fallback();
  }

  /** Whether the command takes {@code --preset} and {@code --config}. */
  boolean takesFiles() {
    return false;
  }

  /** Runs the command; the exit code is 0 unless it says otherwise. */
  abstract ExitCode run() throws IOException;

  @Override
  public final Integer call() throws IOException {
    return run().value();
  }

  final Console console() {
    return console;
  }

  /** Adds the options that come from tables; called once, before parsing. */
  final void complete(CommandSpec target) {
    target.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this text.").build());
    if (takesFiles()) {
      target.addOption(
          OptionSpec.builder(PRESET)
              .type(String.class)
              .paramLabel("NAME")
              .description("Start from a preset: " + Preset.ids() + ".")
              .build());
      target.addOption(
          OptionSpec.builder(CONFIG)
              .type(Path.class)
              .paramLabel("FILE")
              .description("TOML file of keys; it overrides the preset, options override it.")
              .build());
    }
    for (Key.Group group : Key.Group.values()) {
      var section =
          ArgGroupSpec.builder()
              .exclusive(false)
              .validate(false)
              .multiplicity("0..1")
              .heading("%n" + group.title() + "%n");
      boolean any = false;
      for (Key<?> key : keys()) {
        if (key.group() == group) {
          section.addArg(option(key));
          any = true;
        }
      }
      if (any) {
        target.addArgGroup(section.build());
      }
    }
  }

  private OptionSpec option(Key<?> key) {
    boolean flag = key.fallback() instanceof Boolean;
    Object value = fallback(key);
    String fallback = value.toString().isBlank() ? "" : " Default: " + value + ".";
    return OptionSpec.builder("--" + key.name())
        .type(String.class)
        .arity(flag ? "0..1" : "1")
        .fallbackValue(flag ? "true" : "")
        .paramLabel(key.kind().label())
        .description((key.help() + fallback).replace("%", "%%"))
        .build();
  }

  /** Applies the preset, the file and the options that were given, in this order. */
  final RunConfigBuilder settings(RunConfigBuilder builder) throws IOException {
    if (takesFiles()) {
      String preset = spec.findOption(PRESET).getValue();
      if (preset != null) {
        builder.preset(Preset.of(preset));
      }
      Path file = spec.findOption(CONFIG).getValue();
      if (file != null) {
        builder.file(file);
      }
    }
    for (Key<?> key : keys()) {
      String value = spec.findOption("--" + key.name()).getValue();
      if (value != null) {
        builder.set(key.name(), value, "option");
      }
    }
    return builder;
  }

  /** The value of an option that must be given: picocli would hide a misspelt option behind it. */
  static <T> T required(String option, T value) {
    if (value == null) {
      throw new UsageException("the option " + option + " is missing; see --help");
    }
    return value;
  }

  /** A complaint about the options of this command. */
  final ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
