package birkhoff.perf.gemm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Operands of float32 products, and the comparison of results. */
public final class Matrices {
  private Matrices() {}

  /** {@code count} reproducible numbers in [-1, 1). */
  public static MemorySegment random(Arena arena, long count) {
    MemorySegment segment = zeros(arena, count);
    int bits = 12345;
    for (long i = 0; i < count; i++) {
      bits = bits * 1664525 + 1013904223;
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, bits * 0x1p-31f);
    }
    return segment;
  }

  /** {@code count} zeros. */
  public static MemorySegment zeros(Arena arena, long count) {
    return arena.allocate(Math.max(64, count * Float.BYTES), 64);
  }

  /**
   * Refuses results of a product with {@code k} terms that differ by more than rounding may
   * explain: operands are in [-1, 1), so twice the classic bound on either result is 2·k·u·k.
   *
   * @throws AssertionError that names {@code what} and the first element
   */
  public static void requireAgreement(
      String what, int k, long count, MemorySegment expected, MemorySegment found) {
    double bound = 2.0 * k * k * 0x1p-24;
    for (long i = 0; i < count; i++) {
      float x = expected.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      float y = found.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      if (!(Math.abs(x - y) <= bound)) {
        throw new AssertionError(what + ": element " + i + " is " + y + ", not " + x);
      }
    }
  }
}
