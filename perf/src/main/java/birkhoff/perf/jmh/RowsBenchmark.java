package birkhoff.perf.jmh;

import birkhoff.engine.kernel.Loss;
import birkhoff.engine.kernel.Normalization;
import birkhoff.engine.kernel.Reduction;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Norms, softmax, loss and sums over about 131,072 or 6.4 million elements in rows. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
@State(Scope.Thread)
public class RowsBenchmark extends KernelState {
  @Param({"384", "50304"})
  public int cols;

  @Param({"131072", "6438912"})
  public int elements;

  private Normalization norm;
  private Loss loss;
  private Reduction reduction;
  private int rows;
  private MemorySegment x;
  private MemorySegment gy;
  private MemorySegment out;
  private MemorySegment gamma;
  private MemorySegment mean;
  private MemorySegment rstd;
  private MemorySegment partial;
  private MemorySegment targets;
  private MemorySegment rowLoss;

  /** For JMH. */
  public RowsBenchmark() {}

  @Setup
  public void setUp() {
    norm = kernel(Role.NORMALIZATION, Normalization.class);
    loss = kernel(Role.LOSS, Loss.class);
    reduction = kernel(Role.REDUCTION, Reduction.class);
    rows = elements / cols;
    x = normals(elements, 1);
    gy = normals(elements, 2);
    out = normals(elements, 3);
    gamma = normals(cols, 4);
    mean = constants(rows, 0);
    rstd = constants(rows, 1);
    partial = constants(2L * cols, 0);
    targets = ids(rows, cols);
    rowLoss = constants(rows, 0);
  }

  @Benchmark
  public void layerNorm() {
    norm.layerNorm(x, gamma, gamma, out, mean, rstd, cols, 1e-5, 0, rows);
  }

  @Benchmark
  public void layerNormVjp() {
    norm.layerNormVjp(x, gamma, mean, rstd, gy, out, false, partial, 0, cols, 0, rows);
  }

  @Benchmark
  public void softmax() {
    norm.softmax(x, out, cols, 0, rows);
  }

  /** The logits are replaced by their gradient, which does as the next call's logits. */
  @Benchmark
  public void crossEntropy() {
    loss.crossEntropy(out, cols, targets, rowLoss, true, 1, 0, rows);
  }

  @Benchmark
  public void columnSums() {
    reduction.columnSums(x, cols, partial, 0, false, 0, rows);
  }

  @Benchmark
  public double sum() {
    return reduction.sum(x, 0, elements);
  }
}
