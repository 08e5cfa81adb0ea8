package birkhoff.perf.jmh;

import birkhoff.engine.kernel.Normalization;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Norms and softmax of about 131,072 or 6.4 million elements in rows. */
public class NormalizationBenchmark extends KernelState {
  @Param({"384", "768"})
  public int cols;

  @Param({"131072", "6438912"})
  public int elements;

  private Normalization kernel;
  private int rows;
  private MemorySegment x;
  private MemorySegment gy;
  private MemorySegment sum;
  private MemorySegment out;
  private MemorySegment gamma;
  private MemorySegment mean;
  private MemorySegment rstd;
  private MemorySegment partial;

  /** For JMH. */
  public NormalizationBenchmark() {}

  @Setup
  public void setUp() {
    kernel = kernel(Role.NORMALIZATION, Normalization.class);
    rows = elements / cols;
    x = normals(elements, 1);
    gy = normals(elements, 2);
    out = normals(elements, 3);
    sum = normals(elements, 4);
    gamma = normals(cols, 5);
    mean = constants(rows, 0);
    rstd = constants(rows, 1);
    partial = constants(2L * cols, 0);
  }

  @Benchmark
  public void layerNorm() {
    kernel.layerNorm(x, gamma, gamma, out, mean, rstd, cols, 1e-5, 0, rows);
  }

  @Benchmark
  public void addLayerNorm() {
    kernel.addLayerNorm(x, gy, sum, gamma, gamma, out, mean, rstd, cols, 1e-5, 0, rows);
  }

  @Benchmark
  public void layerNormVjp() {
    kernel.layerNormVjp(x, gamma, mean, rstd, gy, out, false, partial, 0, cols, 0, rows);
  }

  @Benchmark
  public void softmax() {
    kernel.softmax(x, out, cols, 0, rows);
  }
}
