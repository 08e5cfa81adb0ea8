package birkhoff.ffi.load;

import java.util.Locale;

/**
 * One attempt to load a library.
 *
 * @param source who proposed it
 * @param location file, resource or folders that were looked at
 * @param outcome how it ended
 * @param detail the reason and its remedy; empty when loaded
 */
public record LoadAttempt(Source source, String location, LoadOutcome outcome, String detail) {
  /** Who proposes a library, in the order in which they are asked. */
  public enum Source {
    USER,
    /** Loaded earlier by this JVM. */
    PROCESS,
    EMBEDDED,
    SYSTEM
  }

  /** One line: {@code embedded /path/lib.so: cannot open (reason)}. */
  @Override
  public String toString() {
    String what = outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return source.name().toLowerCase(Locale.ROOT)
        + " "
        + location
        + ": "
        + what
        + (detail.isEmpty() ? "" : " (" + detail + ")");
  }
}
