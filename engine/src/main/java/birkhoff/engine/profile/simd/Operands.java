package birkhoff.engine.profile.simd;

import birkhoff.engine.memory.Segments;
import birkhoff.engine.rng.Distributions;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Memory for kernels to work on, filled the same way every time. Not thread-safe. */
final class Operands {
  private final Arena arena;
  private long stream;

  Operands(Arena arena) {
    this.arena = arena;
  }

  /** {@code n} floats of value 0. */
  MemorySegment zeros(int n) {
    return Segments.allocate(arena, (long) n * Float.BYTES);
  }

  /** {@code n} standard normal floats. */
  MemorySegment normals(int n) {
    MemorySegment s = zeros(n);
    Distributions.fillNormal(s, DType.FLOAT32, 0, 1, 1, stream++, 0, n);
    return s;
  }

  MemorySegment constants(int n, float value) {
    MemorySegment s = zeros(n);
    for (int i = 0; i < n; i++) {
      s.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
    }
    return s;
  }

  /** What a kernel asks for as scratch. */
  MemorySegment scratch(long bytes) {
    return Segments.allocate(arena, bytes);
  }

  /** {@code n} ids below {@code bound}. */
  MemorySegment ids(int n, int bound) {
    MemorySegment s = Segments.allocate(arena, (long) n * Integer.BYTES);
    for (int i = 0; i < n; i++) {
      s.setAtIndex(ValueLayout.JAVA_INT, i, (int) Distributions.below(bound, 1, stream, i));
    }
    stream++;
    return s;
  }
}
