package birkhoff.perf.jmh;

import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelProvider;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.kernel.vector.Lanes;
import birkhoff.engine.rng.Distributions;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The provider and the vector width under test, float32 operands, and how all benchmarks are run.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {
      "--add-modules",
      "jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED",
      "-XX:+UseSerialGC",
      "-XX:MaxDirectMemorySize=4g"
    })
@State(Scope.Thread)
public class KernelState {
  /** Of {@link #bits}: the width that the machine prefers. */
  static final String MACHINE = "machine";

  @Param({"vector", "scalar"})
  public String provider;

  /** Fixed when a JVM starts; {@link Benchmarks} starts one for each width that is asked for. */
  @Param(MACHINE)
  public String bits;

  private final Arena arena = Arena.ofAuto();

  /** For JMH. */
  public KernelState() {}

  final <K> K kernel(Role role, Class<K> type) {
    if (!bits.equals(MACHINE) && Integer.parseInt(bits) != Lanes.F.vectorBitSize()) {
      throw new IllegalStateException(
          "bits="
              + bits
              + " in a JVM of "
              + Lanes.F.vectorBitSize()
              + "; use perf/run bits="
              + bits);
    }
    return find(provider)
        .map(p -> type.cast(p.kernel(role, DType.FLOAT32).orElseThrow()))
        .orElseThrow(
            () -> new IllegalStateException("the provider " + provider + " cannot serve here"));
  }

  /** Whether the provider can serve on this machine. */
  static boolean serves(String provider) {
    return find(provider).isPresent();
  }

  private static Optional<KernelProvider> find(String provider) {
    return ServiceLoader.load(KernelProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(p -> p.name().equals(provider) && p.probe(KernelOptions.DEFAULT).available())
        .findFirst();
  }

  /** {@code n} standard normal numbers. */
  final MemorySegment normals(long n, long stream) {
    MemorySegment s = arena.allocate(n * Float.BYTES, 64);
    Distributions.fillNormal(s, DType.FLOAT32, 0, 1, 1, stream, 0, n);
    return s;
  }

  final MemorySegment constants(long n, float value) {
    MemorySegment s = arena.allocate(n * Float.BYTES, 64);
    for (long i = 0; i < n; i++) {
      s.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
    }
    return s;
  }

  /** {@code n} ids below {@code bound}. */
  final MemorySegment ids(long n, int bound) {
    MemorySegment s = arena.allocate(n * Integer.BYTES, 64);
    for (long i = 0; i < n; i++) {
      s.setAtIndex(ValueLayout.JAVA_INT, i, (int) Distributions.below(bound, 1, 2, i));
    }
    return s;
  }

  final MemorySegment scratch(long bytes) {
    return arena.allocate(Math.max(64, bytes), 64);
  }
}
