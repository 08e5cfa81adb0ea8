package birkhoff.perf.jmh;

import birkhoff.engine.kernel.Mixing;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Reading and writing four streams, and back. */
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
  private MemorySegment gx;
  private MemorySegment gh;
  private MemorySegment gpost;
  private MemorySegment token;
  private MemorySegment mean;

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
    gx = normals((long) tokens * D * width, 9);
    gh = normals((long) D * D * tokens, 10);
    gpost = normals((long) D * tokens, 11);
    token = normals((long) D * width, 12);
    mean = constants((long) D * D * tokens, 1f / D);
  }

  @Benchmark
  public void streamRead() {
    kernel.streamRead(x, pre, u, D, width, tokens, 0, tokens);
  }

  @Benchmark
  public void streamWrite() {
    kernel.streamWrite(x, h, post, f, y, rrms, 1e-6, D, width, tokens, 0, tokens);
  }

  @Benchmark
  public void streamReadVjp() {
    kernel.streamReadVjp(x, pre, f, rrms, rrms, gx, false, D, width, tokens, 0, tokens);
  }

  @Benchmark
  public void streamWriteVjp() {
    kernel.streamWriteVjp(x, post, f, y, u, gh, gpost, D, width, tokens, 0, tokens);
  }

  /** Without growth: H is doubly stochastic. */
  @Benchmark
  public void mixTransposed() {
    kernel.mixTransposed(mean, gx, token, D, width, tokens, 0, tokens);
  }
}
