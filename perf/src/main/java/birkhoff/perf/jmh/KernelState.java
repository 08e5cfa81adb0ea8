package birkhoff.perf.jmh;

import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelProvider;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.rng.Distributions;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ServiceLoader;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The provider under test and float32 operands for it. */
@State(Scope.Thread)
public class KernelState {
  @Param({"vector", "scalar"})
  public String provider;

  private final Arena arena = Arena.ofAuto();

  /** For JMH. */
  public KernelState() {}

  <K> K kernel(Role role, Class<K> type) {
    for (KernelProvider p : ServiceLoader.load(KernelProvider.class)) {
      if (p.name().equals(provider) && p.probe(KernelOptions.DEFAULT).available()) {
        return type.cast(p.kernel(role, DType.FLOAT32).orElseThrow());
      }
    }
    throw new IllegalStateException("no provider " + provider);
  }

  /** {@code n} standard normal numbers. */
  MemorySegment normals(long n, long stream) {
    MemorySegment s = arena.allocate(n * Float.BYTES, 64);
    Distributions.fillNormal(s, DType.FLOAT32, 0, 1, 1, stream, 0, n);
    return s;
  }

  MemorySegment constants(long n, float value) {
    MemorySegment s = arena.allocate(n * Float.BYTES, 64);
    for (long i = 0; i < n; i++) {
      s.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
    }
    return s;
  }

  /** {@code n} ids below {@code bound}. */
  MemorySegment ids(long n, int bound) {
    MemorySegment s = arena.allocate(n * Integer.BYTES, 64);
    for (long i = 0; i < n; i++) {
      s.setAtIndex(ValueLayout.JAVA_INT, i, (int) Distributions.below(bound, 1, 2, i));
    }
    return s;
  }
}
