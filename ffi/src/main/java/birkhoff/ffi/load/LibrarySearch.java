package birkhoff.ffi.load;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where to look for one library: the user's file and nothing else when there is one, then the copy
 * on the class path, then the system's files.
 *
 * @param library its name, for messages
 * @param user a file, or {@value #OFF} to use none
 * @param embedded the copy carried by the class path
 * @param cache the folder that the copy is extracted into
 * @param system files of the operating system, best first
 * @param required functions that it must have
 */
public record LibrarySearch(
    String library,
    Optional<String> user,
    Optional<EmbeddedLibrary> embedded,
    Path cache,
    List<Path> system,
    List<String> required) {
  /** The user's word for "use no such library". */
  public static final String OFF = "off";

  public LibrarySearch {
    system = List.copyOf(system);
    required = List.copyOf(required);
    if (required.isEmpty()) {
      throw new IllegalArgumentException("search of " + library + ": name a required function");
    }
  }
}
