package birkhoff.engine.profile.simd;

import java.util.List;

/**
 * Whether the vector kernels were compiled to vector instructions.
 *
 * @param vectorBits of the kernels
 * @param machineBits of the machine's vectors as this JVM uses them; 0 without the Vector API
 * @param causes why kernels cannot be fast in this JVM, with the remedy; known from its settings
 * @param rows by kernel; empty without the Vector API
 */
public record SimdReport(int vectorBits, int machineBits, List<String> causes, List<SimdRow> rows) {
  private static final String BUDGET =
      "these kernels were given time to compile and still box vectors: C2's budget for inlining ran"
          + " out (it depends on the order of compilation; run again) or a vector escapes into a"
          + " field, a lambda or a loop's start value";
  private static final String SLOW =
      "these kernels take more than twice the time of the scalar ones without boxing: an operation"
          + " has no instruction at this width, or other programs took the processor; run again";

  /** Copies the lists. */
  public SimdReport {
    causes = List.copyOf(causes);
    rows = List.copyOf(rows);
  }

  /** Whether every kernel is as it should be. */
  public boolean passed() {
    return causes.isEmpty() && suspects().isEmpty();
  }

  /** The kernels that box vectors or are slower than the scalar ones. */
  public List<SimdRow> suspects() {
    return rows.stream().filter(r -> r.boxes() || r.slow()).toList();
  }

  /** One line for each cause, known or presumed; empty when all is well. */
  public List<String> warnings() {
    if (!causes.isEmpty()) {
      return causes;
    }
    List<String> boxing = rows.stream().filter(SimdRow::boxes).map(SimdReport::label).toList();
    List<String> slow =
        rows.stream().filter(r -> r.slow() && !r.boxes()).map(SimdReport::label).toList();
    if (boxing.isEmpty()) {
      return slow.isEmpty() ? List.of() : List.of(SLOW + ": " + String.join(", ", slow));
    }
    String first = BUDGET + ": " + String.join(", ", boxing);
    return slow.isEmpty() ? List.of(first) : List.of(first, SLOW + ": " + String.join(", ", slow));
  }

  private static String label(SimdRow row) {
    return row.role().name().toLowerCase(java.util.Locale.ROOT) + " " + row.name();
  }
}
