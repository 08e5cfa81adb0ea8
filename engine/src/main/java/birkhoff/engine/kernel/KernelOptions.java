package birkhoff.engine.kernel;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a provider may need to know before it can serve.
 *
 * @param openBlas the user's own OpenBLAS library, tried before any other
 * @param oneDnn the user's own oneDNN library, tried before any other
 * @param bfloat16 whether products of bfloat16 matrices are wanted; a library that serves nothing
 *     else is not loaded otherwise
 */
public record KernelOptions(Optional<Path> openBlas, Optional<Path> oneDnn, boolean bfloat16) {
  public static final KernelOptions DEFAULT = new KernelOptions(Optional.empty());

  /** Float32 and float64, with this OpenBLAS if there is one. */
  public KernelOptions(Optional<Path> openBlas) {
    this(openBlas, Optional.empty(), false);
  }

  public KernelOptions withOneDnn(Path library) {
    return new KernelOptions(openBlas, Optional.of(library), bfloat16);
  }

  public KernelOptions withBfloat16(boolean wanted) {
    return new KernelOptions(openBlas, oneDnn, wanted);
  }
}
