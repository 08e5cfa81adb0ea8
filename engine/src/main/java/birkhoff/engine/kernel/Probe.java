package birkhoff.engine.kernel;

import java.util.List;

/**
 * Outcome of asking a provider whether it can serve here.
 *
 * @param available whether it can
 * @param refused whether it cannot although the user named what it should use; falling back would
 *     hide that
 * @param detail a short description (library, version, width), or the reason why not
 * @param attempts what was tried, one line each, for diagnosis
 */
public record Probe(boolean available, boolean refused, String detail, List<String> attempts) {
  public Probe {
    attempts = List.copyOf(attempts);
  }

  public static Probe available(String detail) {
    return available(detail, List.of());
  }

  public static Probe available(String detail, List<String> attempts) {
    return new Probe(true, false, detail, attempts);
  }

  public static Probe unavailable(String reason) {
    return unavailable(reason, List.of());
  }

  public static Probe unavailable(String reason, List<String> attempts) {
    return new Probe(false, false, reason, attempts);
  }

  /** The user named a library and it cannot be used. */
  public static Probe refused(String reason, List<String> attempts) {
    return new Probe(false, true, reason, attempts);
  }
}
