package birkhoff.perf.jmh;

import birkhoff.engine.kernel.Attention;
import birkhoff.engine.kernel.Attention.AttentionShape;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Attention of all heads; the shapes are batch, time, heads and head size. */
public class AttentionBenchmark extends KernelState {
  @Param({"12 64 4 32", "8 256 6 64", "4 64 12 64"})
  public String shape;

  private Attention kernel;
  private AttentionShape size;
  private MemorySegment qkv;
  private MemorySegment out;
  private MemorySegment lse;
  private MemorySegment gout;
  private MemorySegment gqkv;
  private MemorySegment scratch;

  /** For JMH. */
  public AttentionBenchmark() {}

  @Setup
  public void setUp() {
    kernel = kernel(Role.ATTENTION, Attention.class);
    String[] part = shape.split(" ", -1);
    size =
        new AttentionShape(
            Integer.parseInt(part[0]),
            Integer.parseInt(part[1]),
            Integer.parseInt(part[2]),
            Integer.parseInt(part[3]),
            0,
            0);
    long width = (long) size.batch() * size.time() * size.width();
    qkv = normals(3 * width, 1);
    gout = normals(width, 2);
    out = constants(width, 0);
    gqkv = constants(3 * width, 0);
    lse = constants((long) size.blocks() * size.time(), 0);
    scratch = scratch(kernel.scratchBytes(size));
    kernel.forward(size, qkv, out, lse, scratch, 0, size.blocks());
  }

  @Benchmark
  public void forward() {
    kernel.forward(size, qkv, out, lse, scratch, 0, size.blocks());
  }

  @Benchmark
  public void backward() {
    kernel.backward(size, qkv, lse, gout, gqkv, scratch, 0, size.blocks());
  }
}
