package birkhoff.perf.jmh;

import birkhoff.engine.kernel.RandomMask;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Dropout of {@code elements} numbers. */
public class RandomBenchmark extends KernelState {
  @Param({"131072", "6291456"})
  public int elements;

  private RandomMask kernel;
  private MemorySegment x;
  private MemorySegment out;

  /** For JMH. */
  public RandomBenchmark() {}

  @Setup
  public void setUp() {
    kernel = kernel(Role.RANDOM, RandomMask.class);
    x = normals(elements, 1);
    out = normals(elements, 2);
  }

  @Benchmark
  public void dropout() {
    kernel.dropout(x, out, 0.1, 7, false, 0, elements);
  }
}
