package birkhoff.perf.jmh;

import birkhoff.engine.kernel.Reduction;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Sums over about 131,072 or 6.4 million elements in rows. */
public class ReductionBenchmark extends KernelState {
  @Param({"384", "50304"})
  public int cols;

  @Param({"131072", "6438912"})
  public int elements;

  private Reduction kernel;
  private int rows;
  private MemorySegment x;
  private MemorySegment partial;

  /** For JMH. */
  public ReductionBenchmark() {}

  @Setup
  public void setUp() {
    kernel = kernel(Role.REDUCTION, Reduction.class);
    rows = elements / cols;
    x = normals(elements, 1);
    partial = constants(cols, 0);
  }

  @Benchmark
  public double sum() {
    return kernel.sum(x, 0, elements);
  }

  @Benchmark
  public double sumSquares() {
    return kernel.sumSquares(x, 0, elements);
  }

  @Benchmark
  public void columnSums() {
    kernel.columnSums(x, cols, partial, 0, false, 0, rows);
  }
}
