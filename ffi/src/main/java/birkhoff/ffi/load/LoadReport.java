package birkhoff.ffi.load;

import java.util.List;
import java.util.Optional;

/**
 * All attempts to load one library, in order.
 *
 * @param library its name, for messages
 */
public record LoadReport(String library, List<LoadAttempt> attempts) {
  public LoadReport {
    attempts = List.copyOf(attempts);
  }

  /** The attempt that succeeded, if any. */
  public Optional<LoadAttempt> loaded() {
    return attempts.stream().filter(a -> a.outcome() == LoadOutcome.LOADED).findFirst();
  }

  /** True when the user named a library and it could not be used: going on would hide that. */
  public boolean userRefused() {
    return attempts.stream()
        .anyMatch(a ->
            a.source() == LoadAttempt.Source.USER
                && a.outcome() != LoadOutcome.LOADED
                && a.outcome() != LoadOutcome.DISABLED);
  }

  /** One line per attempt. */
  public List<String> lines() {
    return attempts.stream().map(LoadAttempt::toString).toList();
  }
}
