package birkhoff.engine.io;

import java.nio.file.Path;
import java.util.Map;

/** The documented folder for what can be made again: extracted libraries, measured limits. */
public final class CacheFolder {
  /** Environment variable that names it. */
  public static final String VARIABLE = "BIRKHOFF_CACHE";

  private CacheFolder() {}

  /** The folder of this process, which need not exist yet. */
  public static Path standard() {
    return of(System.getenv(), System.getProperty("user.home", ""));
  }

  /**
   * {@code $BIRKHOFF_CACHE}, else {@code $XDG_CACHE_HOME/birkhoff}, else {@code ~/.cache/birkhoff}.
   * A relative {@code XDG_CACHE_HOME} is ignored, as its specification asks.
   */
  public static Path of(Map<String, String> environment, String home) {
    String own = environment.getOrDefault(VARIABLE, "");
    if (!own.isBlank()) {
      return Path.of(own).toAbsolutePath();
    }
    String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path base =
        !xdg.isBlank() && Path.of(xdg).isAbsolute() ? Path.of(xdg) : Path.of(home, ".cache");
    return base.resolve("birkhoff");
  }
}
