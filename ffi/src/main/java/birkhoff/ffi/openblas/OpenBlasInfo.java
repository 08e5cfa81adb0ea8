package birkhoff.ffi.openblas;

import java.util.Optional;

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
    OPENMP;

    /**
     * Why such a build cannot serve, or nothing. OpenMP takes the thread count from each calling
     * thread, so a limit set in one may not bind the others; sequential builds may lack the locks
     * that concurrent callers need.
     *
     * @param ompThreads threads that OpenMP would give a call from a new thread
     */
    public Optional<String> refusal(int ompThreads) {
      return switch (this) {
        case PTHREADS -> Optional.empty();
        case SEQUENTIAL ->
            Optional.of(
                "a sequential build, unsafe to call from several threads; use a pthreads build");
        case OPENMP ->
            ompThreads == 1
                ? Optional.empty()
                : Optional.of(
                    "an OpenMP build that would start "
                        + ompThreads
                        + " threads in each call; set OMP_NUM_THREADS=1 or use a pthreads build");
      };
    }
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
