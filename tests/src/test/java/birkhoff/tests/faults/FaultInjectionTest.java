package birkhoff.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.tests.faults.Faults.Kind;
import birkhoff.tests.faults.Faults.Operation;
import birkhoff.transformer.checkpoint.CheckpointStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The Nth file operation of a save fails, for N = 1, 2, 3 … until a save has no Nth operation:
 * after each failure the checkpoint before or the new one is the newest, whole to the last bit, and
 * after the next start nothing else is left.
 */
class FaultInjectionTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everyOperationOfASaveMayFail(Kind kind) throws IOException {
    Set<Operation> operations =
        kind == Kind.NO_SPACE
            ? EnumSet.of(Operation.OPEN, Operation.WRITE, Operation.FORCE, Operation.CREATE_FOLDER)
            : EnumSet.allOf(Operation.class);
    Map<Operation, Integer> failures = new EnumMap<>(Operation.class);
    try (NumberedModel model = new NumberedModel()) {
      long nth = 0;
      Faults faults;
      do {
        nth++;
        Path out = Files.createDirectory(folder.resolve("run-" + nth));
        model.save(out, 1);
        model.save(out, 2);
        faults = new Faults(kind, operations, nth);
        boolean threw = false;
        try {
          model.save(FaultyFileSystem.of(out, faults), 3);
        } catch (IOException e) {
          threw = true;
        }
        String at = kind + ", operation " + nth + " " + faults.where();
        if (faults.happened()) {
          failures.merge(faults.where(), 1, Integer::sum);
        }
        long newest = model.newest(out);
        // A folder that exists need not be created: that failure does not matter.
        assertThat(newest).as(at).isIn(threw ? List.of(2L, 3L) : List.of(3L));
        assertThat(threw && !faults.happened()).as("an error without a fault").isFalse();

        new CheckpointStore(out).removeLitter();
        assertThat(names(out)).as(at).containsExactly("best.json", "checkpoints");
        assertThat(names(out.resolve("checkpoints")))
            .as(at)
            .allMatch(name -> name.matches("step-0000000[123]"))
            .contains("step-0000000" + newest);
        long best = new CheckpointStore(out).bestStep().orElseThrow();
        assertThat(best).as("best after " + at).isIn(2L, 3L);
        model.newest(out.resolve("checkpoints/step-0000000" + best));

        model.save(out, 4);
        assertThat(model.newest(out)).as("the save after " + at).isEqualTo(4);
        assertThat(names(out.resolve("checkpoints"))).containsExactly("step-00000004");
      } while (faults.happened());
      System.out.printf("fault injection, %s: %d points failed, %s%n", kind, nth - 1, failures);
      assertThat(failures.keySet()).isEqualTo(operations);
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return new ArrayList<>(files.map(f -> f.getFileName().toString()).sorted().toList());
    }
  }
}
