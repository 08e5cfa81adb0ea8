package birkhoff.perf.jmh;

import birkhoff.engine.kernel.Loss;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Cross-entropy with its gradient, over rows of logits. */
public class LossBenchmark extends KernelState {
  @Param({"65", "50304"})
  public int vocabulary;

  @Param({"128"})
  public int rows;

  private Loss kernel;
  private MemorySegment logits;
  private MemorySegment targets;
  private MemorySegment rowLoss;

  /** For JMH. */
  public LossBenchmark() {}

  @Setup
  public void setUp() {
    kernel = kernel(Role.LOSS, Loss.class);
    logits = normals((long) rows * vocabulary, 1);
    targets = ids(rows, vocabulary);
    rowLoss = constants(rows, 0);
  }

  /** The logits are replaced by their gradient, which does as the next call's logits. */
  @Benchmark
  public void crossEntropy() {
    kernel.crossEntropy(logits, vocabulary, targets, rowLoss, true, 1, 0, rows);
  }
}
