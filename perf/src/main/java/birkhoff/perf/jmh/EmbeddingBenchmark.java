package birkhoff.perf.jmh;

import birkhoff.engine.kernel.Embedding;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Look-ups in a table of 1,000 rows. */
public class EmbeddingBenchmark extends KernelState {
  private static final int VOCABULARY = 1000;

  @Param({"384", "768"})
  public int cols;

  @Param({"2048"})
  public int rows;

  private Embedding kernel;
  private MemorySegment table;
  private MemorySegment positions;
  private MemorySegment out;
  private MemorySegment ids;

  /** For JMH. */
  public EmbeddingBenchmark() {}

  @Setup
  public void setUp() {
    kernel = kernel(Role.EMBEDDING, Embedding.class);
    table = normals((long) VOCABULARY * cols, 1);
    positions = normals(256L * cols, 2);
    out = normals((long) rows * cols, 3);
    ids = ids(rows, VOCABULARY);
  }

  @Benchmark
  public void gather() {
    kernel.gather(table, ids, out, cols, 0, rows);
  }

  @Benchmark
  public void gatherAddPosition() {
    kernel.gatherAddPosition(table, ids, positions, 256, out, cols, 0, rows);
  }

  @Benchmark
  public void scatterAdd() {
    kernel.scatterAdd(out, ids, table, rows, cols, 0, cols);
  }
}
