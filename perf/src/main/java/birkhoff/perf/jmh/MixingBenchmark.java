package birkhoff.perf.jmh;

import birkhoff.engine.kernel.Mixing;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Reading and writing four streams. */
public class MixingBenchmark extends KernelState {
  private static final int D = 4;

  @Param({"384", "768"})
  public int width;

  @Param({"256"})
  public int tokens;

  private Mixing kernel;
  private MemorySegment x;
  private MemorySegment y;
  private MemorySegment f;
  private MemorySegment u;
  private MemorySegment h;
  private MemorySegment pre;
  private MemorySegment post;
  private MemorySegment rrms;

  /** For JMH. */
  public MixingBenchmark() {}

  @Setup
  public void setUp() {
    kernel = kernel(Role.MIXING, Mixing.class);
    x = normals((long) tokens * D * width, 1);
    y = normals((long) tokens * D * width, 2);
    f = normals((long) tokens * width, 3);
    u = normals((long) tokens * width, 4);
    h = normals((long) D * D * tokens, 5);
    pre = normals((long) D * tokens, 7);
    post = normals((long) D * tokens, 8);
    rrms = constants(tokens, 1);
  }

  @Benchmark
  public void streamRead() {
    kernel.streamRead(x, pre, u, D, width, tokens, 0, tokens);
  }

  @Benchmark
  public void streamWrite() {
    kernel.streamWrite(x, h, post, f, y, rrms, 1e-6, D, width, tokens, 0, tokens);
  }
}
