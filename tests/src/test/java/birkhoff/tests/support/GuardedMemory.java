package birkhoff.tests.support;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Native operands for kernels, each between two guards. Java's own accesses are bounds-checked
 * already; {@link #close} finds what native code, or a kernel given too wide a slice, wrote beside
 * an operand. Segments may be used from any thread; the object itself from one.
 */
public final class GuardedMemory implements AutoCloseable {
  private static final long GUARD = 64;
  private static final byte MARK = (byte) 0xA5;

  private final Arena arena = Arena.ofAuto();
  private final List<MemorySegment> blocks = new ArrayList<>();

  /** A copy, 64-byte aligned. */
  public MemorySegment of(float... values) {
    MemorySegment segment = allocate(values.length * 4L);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT, 0, values.length);
    return segment;
  }

  /** A copy, 64-byte aligned. */
  public MemorySegment of(double... values) {
    MemorySegment segment = allocate(values.length * 8L);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_DOUBLE, 0, values.length);
    return segment;
  }

  /** A copy, 64-byte aligned. */
  public MemorySegment of(int... values) {
    MemorySegment segment = allocate(values.length * 4L);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_INT, 0, values.length);
    return segment;
  }

  /** {@code n} floats that a kernel must overwrite: all NaN. */
  public MemorySegment unwrittenFloats(int n) {
    var values = new float[n];
    Arrays.fill(values, Float.NaN);
    return of(values);
  }

  /** {@code n} doubles that a kernel must overwrite: all NaN. */
  public MemorySegment unwrittenDoubles(int n) {
    var values = new double[n];
    Arrays.fill(values, Double.NaN);
    return of(values);
  }

  public static float[] floats(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_FLOAT);
  }

  public static double[] doubles(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_DOUBLE);
  }

  public static int[] ints(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_INT);
  }

  /**
   * Checks all guards.
   *
   * @throws AssertionError naming the operand, by order of allocation, and the stray byte
   */
  @Override
  public void close() {
    for (int k = 0; k < blocks.size(); k++) {
      MemorySegment block = blocks.get(k);
      long size = block.byteSize() - 2 * GUARD;
      for (long at = 0; at < GUARD; at++) {
        check(block, at, k, at - GUARD, size);
        check(block, GUARD + size + at, k, size + at, size);
      }
    }
  }

  private static void check(MemorySegment block, long at, int operand, long offset, long size) {
    if (block.get(ValueLayout.JAVA_BYTE, at) != MARK) {
      throw new AssertionError(
          "operand "
              + operand
              + " ("
              + size
              + " bytes): stray write at byte "
              + offset
              + " of it, outside [0, "
              + size
              + ")");
    }
  }

  private MemorySegment allocate(long bytes) {
    MemorySegment block = arena.allocate(bytes + 2 * GUARD, GUARD);
    block.fill(MARK);
    blocks.add(block);
    return block.asSlice(GUARD, bytes);
  }
}
