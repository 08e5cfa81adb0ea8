package birkhoff.engine.kernel;

/**
 * Outcome of asking a provider whether it can serve here.
 *
 * @param available whether it can
 * @param detail a short description (library, version, width), or the reason why not
 */
public record Probe(boolean available, String detail) {
  public static Probe available(String detail) {
    return new Probe(true, detail);
  }

  public static Probe unavailable(String reason) {
    return new Probe(false, reason);
  }
}
