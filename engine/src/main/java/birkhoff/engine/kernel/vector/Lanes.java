package birkhoff.engine.kernel.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width of the float32 kernels: what the machine prefers, or the bits named by the
 * system property {@value #PROPERTY} (64, 128, 256 or 512). A width beyond the machine's is
 * emulated and very slow.
 */
public final class Lanes {
  public static final String PROPERTY = "birkhoff.vector.bits";

  /** Species of all float32 kernels. */
  public static final VectorSpecies<Float> F = species();

  /** Floats in one vector. */
  public static final int LENGTH = F.length();

  /** Bytes in one vector. */
  public static final int BYTES = LENGTH * Float.BYTES;

  /** Whether there are surely 32 vector registers and not 16. */
  public static final boolean MANY_REGISTERS =
      LENGTH == 16 || System.getProperty("os.arch").equals("aarch64");

  /** Byte order of all tensors. */
  public static final ByteOrder ORDER = ByteOrder.nativeOrder();

  public static final VectorShuffle<Float> SWAP_1 = swap(1);
  public static final VectorShuffle<Float> SWAP_2 = swap(2);
  public static final VectorShuffle<Float> SWAP_4 = swap(4);
  public static final VectorShuffle<Float> SWAP_8 = swap(8);

  private Lanes() {}

  private static VectorSpecies<Float> species() {
    String bits = System.getProperty(PROPERTY);
    if (bits == null || bits.isBlank()) {
      return FloatVector.SPECIES_PREFERRED;
    }
    return switch (bits.strip()) {
      case "64" -> FloatVector.SPECIES_64;
      case "128" -> FloatVector.SPECIES_128;
      case "256" -> FloatVector.SPECIES_256;
      case "512" -> FloatVector.SPECIES_512;
      default ->
          throw new IllegalArgumentException(
              PROPERTY + "=" + bits + ": the widths are 64, 128, 256 and 512");
    };
  }

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F, i -> (i ^ distance) % LENGTH);
  }

  /**
   * Sum of all lanes in a fixed tree: halves, quarters, … ({@code reduceLanes(ADD)} has no defined
   * order, and its bits change when the JIT compiles it).
   */
  public static float sum(FloatVector v) {
    FloatVector s = v;
    if (LENGTH > 8) {
      s = s.add(s.rearrange(SWAP_8));
    }
    if (LENGTH > 4) {
      s = s.add(s.rearrange(SWAP_4));
    }
    if (LENGTH > 2) {
      s = s.add(s.rearrange(SWAP_2));
    }
    return s.add(s.rearrange(SWAP_1)).lane(0);
  }

  /** Floats {@code [i, i + LENGTH)}. */
  static FloatVector load(MemorySegment s, long i) {
    return FloatVector.fromMemorySegment(F, s, i * Float.BYTES, ORDER);
  }

  /** The floats from {@code i} on that {@code mask} names; the other lanes are 0. */
  static FloatVector load(MemorySegment s, long i, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(F, s, i * Float.BYTES, ORDER, mask);
  }

  /** Floats from byte {@code offset} on: for loops whose rows have byte offsets anyway. */
  static FloatVector at(MemorySegment s, long offset) {
    return FloatVector.fromMemorySegment(F, s, offset, ORDER);
  }

  /** Float {@code i}. */
  static float number(MemorySegment s, long i) {
    return s.getAtIndex(ValueLayout.JAVA_FLOAT, i);
  }

  static void set(MemorySegment s, long i, float value) {
    s.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
  }

  static void store(FloatVector v, MemorySegment s, long i) {
    v.intoMemorySegment(s, i * Float.BYTES, ORDER);
  }

  static void store(FloatVector v, MemorySegment s, long i, VectorMask<Float> mask) {
    v.intoMemorySegment(s, i * Float.BYTES, ORDER, mask);
  }

  /** The first {@code count} lanes (all when there are fewer). */
  static VectorMask<Float> first(long count) {
    return F.indexInRange(0, count);
  }
}
