package birkhoff.perf.jmh;

import birkhoff.engine.kernel.OptimizerStep;
import birkhoff.engine.kernel.OptimizerStep.AdamWCoefficients;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** AdamW on {@code elements} parameters. */
public class OptimizerBenchmark extends KernelState {
  @Param({"131072", "16777216"})
  public int elements;

  private OptimizerStep kernel;
  private AdamWCoefficients coefficients;
  private MemorySegment param;
  private MemorySegment grad;
  private MemorySegment first;
  private MemorySegment second;

  /** For JMH. */
  public OptimizerBenchmark() {}

  @Setup
  public void setUp() {
    kernel = kernel(Role.OPTIMIZER, OptimizerStep.class);
    coefficients = AdamWCoefficients.of(1, 1e-4, 0.1, 0.9, 0.99, 1e-8, 10);
    param = normals(elements, 1);
    grad = normals(elements, 2);
    first = constants(elements, 0);
    second = constants(elements, 1);
  }

  @Benchmark
  public void adamW() {
    kernel.adamW(param, grad, first, second, coefficients, 0, elements);
  }
}
