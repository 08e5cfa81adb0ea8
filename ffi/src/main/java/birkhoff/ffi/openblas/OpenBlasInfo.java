package birkhoff.ffi.openblas;

/**
 * The OpenBLAS that serves.
 *
 * @param config version and build options, as the library tells them
 * @param core the kernels it chose for this processor
 * @param threads its own threads per call, always 1
 * @param threading how it was built
 * @param location file, or where else it was found
 */
public record OpenBlasInfo(
    String config, String core, int threads, Threading threading, String location) {
  /** How a build of OpenBLAS makes threads, by the numbers of {@code openblas_get_parallel}. */
  public enum Threading {
    SEQUENTIAL,
    PTHREADS,
    OPENMP
  }

  /** The version number alone, such as {@code 0.3.31}. */
  public String version() {
    for (String word : config.split("\\s+")) {
      if (!word.isEmpty() && Character.isDigit(word.charAt(0))) {
        return word;
      }
    }
    return config;
  }

  /** One line: version, core and threads. */
  @Override
  public String toString() {
    return "OpenBLAS " + version() + " " + core + ", " + threads + " thread per call";
  }
}
