package birkhoff.perf.jmh;

import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.perf.gemm.GemmShapes;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** Matrix products on one thread; the products are transposes, M, N and K. */
public class GemmBenchmark extends KernelState {
  @Param({"NN 256 256 256", "NT 768 128 128", "NT 4096 384 384", "TN 1536 384 4096"})
  public String product;

  private Gemm kernel;
  private GemmShape size;
  private ThreadTeam team;
  private MemorySegment a;
  private MemorySegment b;
  private MemorySegment c;

  /** For JMH. */
  public GemmBenchmark() {}

  @Setup
  public void setUp() {
    kernel = kernel(Role.GEMM, Gemm.class);
    team = new ThreadTeam(1, new MemoryLedger());
    size = GemmShapes.parse(product);
    a = normals(size.extentA(), 1);
    b = normals(size.extentB(), 2);
    c = normals(size.extentC(), 3);
  }

  @TearDown
  public void tearDown() {
    team.close();
  }

  @Benchmark
  public void gemm() {
    kernel.gemm(team, size, 1, a, b, 0, c);
  }
}
