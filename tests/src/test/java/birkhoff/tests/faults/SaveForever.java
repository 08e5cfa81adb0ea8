package birkhoff.tests.faults;

import java.io.IOException;
import java.nio.file.Path;

/** Saves one checkpoint after the other until it is killed. */
final class SaveForever {
  private SaveForever() {}

  /** The run's folder, and the first step. */
  public static void main(String[] args) throws IOException {
    try (var model = new NumberedModel()) {
      for (long step = Long.parseLong(args[1]); true; step++) {
        model.save(Path.of(args[0]), step);
        System.out.print('.');
        System.out.flush();
      }
    }
  }
}
