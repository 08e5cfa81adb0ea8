package birkhoff.transformer.experiment.synthetic;

import birkhoff.transformer.error.UsageException;
import java.util.List;

/**
 * What the stream-mixing task is run with. The defaults of everything but {@code streams} are those
 * of the paper's notebook.
 *
 * @param streams values of d, each once
 * @param blockSizes values of s for the generalized orthostochastic methods
 * @param methods to run, each a name of {@link SyntheticMethod}
 * @param skews conventions of the skew-symmetric matrix: {@code full} ({@code A = Θ - Θᵀ}, as
 *     published) and {@code triangle} (one number per entry)
 * @param factors sizes of the Kronecker factors of {@code kromhc}, which runs where d is a power of
 *     one
 * @param epochs Adam steps on the whole data
 * @param noise magnitude of the uniform noise
 * @param problems independent matrices that are learnt side by side
 * @param samples input vectors per problem
 * @param quirk whether inputs are multiplied by d, as the notebook does by accident
 * @param seed of everything random
 * @param repeats seeds, from {@code seed} on, with which the comparison at d = 4 is made
 */
public record SyntheticSettings(
    List<Integer> streams,
    List<Integer> blockSizes,
    List<String> methods,
    List<String> skews,
    List<Integer> factors,
    int epochs,
    double noise,
    int problems,
    int samples,
    boolean quirk,
    long seed,
    int repeats) {
  /** {@code A = Θ - Θᵀ}. */
  public static final String FULL = "full";

  /** One number per entry of A. */
  public static final String TRIANGLE = "triangle";

  /** Largest n = d·s, where a run is already a day's work. */
  private static final int LARGEST = 1024;

  /** Largest d, that of the paper's Figure 8. */
  private static final int MOST_STREAMS = 256;

  private static final int MOST_PROBLEMS = 1 << 16;

  /** Numbers of one array. */
  private static final int MOST_NUMBERS = 1 << 28;

  /** Checks every value. */
  public SyntheticSettings {
    streams = List.copyOf(streams);
    blockSizes = List.copyOf(blockSizes);
    methods = List.copyOf(methods);
    skews = List.copyOf(skews);
    factors = List.copyOf(factors);
    between("d", streams, 2, MOST_STREAMS);
    between("s", blockSizes, 1, LARGEST / 2);
    between("factors", factors, 2, MOST_STREAMS);
    among("methods", methods, SyntheticMethod.names());
    among("skew", skews, List.of(FULL, TRIANGLE));
    between("epochs", List.of(epochs), 2, 10_000_000);
    between("problems", List.of(problems), 1, MOST_PROBLEMS);
    between("repeats", List.of(repeats), 1, 1000);
    between("samples", List.of(samples), 1, 1 << 20);
    if (!(noise >= 0 && noise < Double.POSITIVE_INFINITY)) {
      throw new UsageException("noise=" + noise + " must be a number of at least 0, such as 0.1");
    }
    int largest = streams.stream().mapToInt(Integer::intValue).max().orElseThrow();
    if ((long) largest * problems * samples > MOST_NUMBERS) {
      throw new UsageException(
          "d="
              + largest
              + " with problems="
              + problems
              + " and samples="
              + samples
              + " is more data than "
              + MOST_NUMBERS
              + " numbers; lower problems or samples");
    }
    boolean cayley = methods.stream().anyMatch(name -> SyntheticMethod.of(name).hasBlockSize());
    for (int d : streams) {
      for (int s : blockSizes) {
        long n = (long) d * s;
        if (cayley && (n > LARGEST || n * n * problems > MOST_NUMBERS)) {
          throw new UsageException(
              "d="
                  + d
                  + " with s="
                  + s
                  + " makes "
                  + problems
                  + " matrices of "
                  + n
                  + "x"
                  + n
                  + ", more than is possible; take a smaller d, s or problems");
        }
      }
    }
  }

  /** The mean square of the noise, which no mixer can be expected to fall below: noise²/3. */
  public double minimum() {
    return noise * noise / 3;
  }

  private static void between(String name, List<Integer> values, int least, int most) {
    notEmpty(name, values);
    for (int value : values) {
      if (value < least || value > most) {
        throw new UsageException(
            name + "=" + value + " is outside " + least + " … " + most + "; take a value in it");
      }
    }
  }

  private static void among(String name, List<String> values, List<String> known) {
    notEmpty(name, values);
    for (String value : values) {
      if (!known.contains(value)) {
        throw new UsageException(
            name + "=" + value + " is unknown; take some of " + String.join(",", known));
      }
    }
  }

  private static void notEmpty(String name, List<?> values) {
    if (values.isEmpty()) {
      throw new UsageException(
          name + " is empty; name one value or several, as in --" + name + "=");
    }
    if (values.stream().distinct().count() < values.size()) {
      throw new UsageException(name + " names a value twice: " + values + "; once is enough");
    }
  }
}
