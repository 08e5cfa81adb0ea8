package birkhoff.transformer.cli;

import java.util.List;

/** The one place that knows which commands there are. */
final class Commands {
  private Commands() {}

  /** New commands, in the order of the help text. */
  static List<BaseCommand> all(Console console) {
    return List.of(
        new TrainCommand(console),
        new SampleCommand(console),
        new ChatCommand(console),
        new EvalCommand(console),
        new PrepareCommand(console),
        new TokenizeCommand(console),
        new InfoCommand(console),
        new ImportCommand(console),
        new ExportCommand(console),
        new DoctorCommand(console),
        new BenchCommand(console),
        new ProfileCommand(console),
        new ExperimentCommand(console));
  }
}
