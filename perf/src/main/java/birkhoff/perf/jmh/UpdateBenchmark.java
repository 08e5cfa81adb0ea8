package birkhoff.perf.jmh;

import birkhoff.engine.kernel.Embedding;
import birkhoff.engine.kernel.OptimizerStep;
import birkhoff.engine.kernel.OptimizerStep.AdamWCoefficients;
import birkhoff.engine.kernel.RandomMask;
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

/** AdamW, dropout and embeddings of width 384. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
@State(Scope.Thread)
public class UpdateBenchmark extends KernelState {
  private static final int COLS = 384;
  private static final int VOCAB = 1000;

  @Param({"131072", "16777216"})
  public int elements;

  private OptimizerStep optimizer;
  private RandomMask random;
  private Embedding embedding;
  private AdamWCoefficients coefficients;
  private int rows;
  private MemorySegment param;
  private MemorySegment grad;
  private MemorySegment first;
  private MemorySegment second;
  private MemorySegment table;
  private MemorySegment ids;

  /** For JMH. */
  public UpdateBenchmark() {}

  @Setup
  public void setUp() {
    optimizer = kernel(Role.OPTIMIZER, OptimizerStep.class);
    random = kernel(Role.RANDOM, RandomMask.class);
    embedding = kernel(Role.EMBEDDING, Embedding.class);
    coefficients = AdamWCoefficients.of(1, 1e-4, 0.1, 0.9, 0.99, 1e-8, 10);
    rows = elements / COLS;
    param = normals(elements, 1);
    grad = normals(elements, 2);
    first = constants(elements, 0);
    second = constants(elements, 1);
    table = normals((long) VOCAB * COLS, 3);
    ids = ids(rows, VOCAB);
  }

  @Benchmark
  public void adamW() {
    optimizer.adamW(param, grad, first, second, coefficients, 0, elements);
  }

  @Benchmark
  public void dropout() {
    random.dropout(grad, param, 0.1, 7, false, 0, elements);
  }

  @Benchmark
  public void gather() {
    embedding.gather(table, ids, param, COLS, 0, rows);
  }

  @Benchmark
  public void scatterAdd() {
    embedding.scatterAdd(grad, ids, table, rows, COLS, 0, COLS);
  }
}
