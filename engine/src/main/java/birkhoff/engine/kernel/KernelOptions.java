package birkhoff.engine.kernel;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a provider may need to know before it can serve.
 *
 * @param openBlas the user's own OpenBLAS library, tried before any other
 */
public record KernelOptions(Optional<Path> openBlas) {
  public static final KernelOptions DEFAULT = new KernelOptions(Optional.empty());
}
