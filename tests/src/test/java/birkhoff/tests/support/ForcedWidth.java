package birkhoff.tests.support;

import java.util.List;

/**
 * Runs a main class in a child JVM whose float32 kernels use another vector width. A width is a
 * constant of a JVM, so it cannot change inside one.
 */
public final class ForcedWidth {
  private ForcedWidth() {}

  /** The widths that {@code -Dbirkhoff.vector.bits} takes, in ascending order. */
  public static int[] widths() {
    return new int[] {64, 128, 256, 512};
  }

  /**
   * Fails unless {@code main} ends normally under vectors of {@code bits} bits.
   *
   * @param arguments of the main method
   * @return what it printed
   */
  public static String run(Class<?> main, int bits, String... arguments) {
    return ChildJvm.run(main, List.of("-Dbirkhoff.vector.bits=" + bits), arguments);
  }
}
