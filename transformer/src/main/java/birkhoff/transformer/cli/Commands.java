package birkhoff.transformer.cli;

import java.util.List;
import java.util.Set;

/** The one place that knows which commands there are. */
final class Commands {
  /** Commands of the documented interface that this version does not have yet. */
  static final Set<String> ABSENT = Set.of("import");

  private Commands() {}

  /** New commands, in the order of the help text. */
  static List<BaseCommand> all(Console console) {
    return List.of(
        new TrainCommand(console),
        new SampleCommand(console),
        new EvalCommand(console),
        new PrepareCommand(console),
        new TokenizeCommand(console),
        new InfoCommand(console),
        new ExportCommand(console),
        new DoctorCommand(console),
        new BenchCommand(console),
        new ProfileCommand(console),
        new ExperimentCommand(console));
  }
}
