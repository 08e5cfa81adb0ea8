package birkhoff.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a loss of power could still take away: contents written, and names that appeared, since
 * their file or folder was last forced to the disk. Complains of an order in which such a loss
 * would leave a name without its content, or neither the old nor the new.
 */
final class Unforced {
  private final Set<Path> contents = new TreeSet<>();
  private final Set<Path> names = new TreeSet<>();

  void appeared(Path path) {
    names.add(path);
  }

  void written(Path file) {
    contents.add(file);
  }

  void forced(Path path) {
    contents.remove(path);
    names.removeIf(name -> path.equals(name.getParent()));
  }

  /** Before a deletion. */
  void deleting(Path path) {
    if (!temporary(path)) {
      assertNothingLeft("before " + path + " is deleted");
    }
  }

  void deleted(Path path) {
    contents.removeIf(p -> p.startsWith(path));
    names.removeIf(p -> p.startsWith(path));
  }

  /** Before a renaming. */
  void renaming(Path from, Path to) {
    if (temporary(to)) {
      assertNothingLeft("before " + from + " is taken away");
    } else {
      assertThat(below(contents, from)).as("contents lost under the name " + to).isEmpty();
      Set<Path> inside = below(names, from);
      inside.remove(from);
      assertThat(inside).as("names lost in " + to).isEmpty();
    }
  }

  void renamed(Path from, Path to) {
    names.remove(from);
    names.add(to);
  }

  /** Everything has to be on the disk. */
  void assertNothingLeft(String when) {
    Set<Path> left = new TreeSet<>(contents);
    left.addAll(names);
    left.removeIf(Unforced::temporary);
    assertThat(left).as("not on the disk " + when).isEmpty();
  }

  private static Set<Path> below(Set<Path> paths, Path folder) {
    return paths.stream()
        .filter(p -> p.startsWith(folder))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Whether the path is, or is in, what the next start would remove. */
  private static boolean temporary(Path path) {
    for (Path part : path) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }
}
