package birkhoff.engine.memory;

import birkhoff.engine.error.MemoryLimitException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Aligned native allocations. */
public final class Segments {
  /** One cache line, and the width of the widest vector. */
  public static final long ALIGNMENT = 64;

  private Segments() {}

  /** Rounds {@code bytes} up to a multiple of {@link #ALIGNMENT}. */
  public static long align(long bytes) {
    return Math.addExact(bytes, ALIGNMENT - 1) & -ALIGNMENT;
  }

  /**
   * Zeroed memory of {@code bytes} bytes, aligned to {@link #ALIGNMENT}.
   *
   * @throws MemoryLimitException when the system or {@code -XX:MaxDirectMemorySize} refuses
   */
  public static MemorySegment allocate(Arena arena, long bytes) {
    try {
      return arena.allocate(bytes, ALIGNMENT);
    } catch (OutOfMemoryError e) {
      throw new MemoryLimitException(
          "native memory: "
              + bytes
              + " bytes refused ("
              + e.getMessage()
              + "); raise -XX:MaxDirectMemorySize or use a smaller batch, block or model");
    }
  }
}
