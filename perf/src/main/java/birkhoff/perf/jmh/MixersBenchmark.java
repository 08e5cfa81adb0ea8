package birkhoff.perf.jmh;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.kernel.Mixers;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Matrices that mix four streams, by family member; go-mHC with block size 2. */
public class MixersBenchmark extends KernelState {
  private static final int D = 4;

  @Param({"go_mhc", "mhc_lite", "mhc"})
  public String mixer;

  @Param({"256"})
  public int tokens;

  private MixerShape shape;
  private Mixers kernel;
  private MemorySegment z;
  private MemorySegment gz;
  private MemorySegment h;
  private MemorySegment gh;
  private MemorySegment scratch;

  /** For JMH. */
  public MixersBenchmark() {}

  @Setup
  public void setUp() {
    shape =
        switch (mixer) {
          case "go_mhc" -> new MixerShape.Cayley(D, 2);
          case "mhc_lite" -> new MixerShape.Permutations(D);
          case "mhc" -> new MixerShape.Sinkhorn(D, 20);
          default -> throw new IllegalArgumentException("mixer=" + mixer);
        };
    kernel = kernel(Role.MIXERS, Mixers.class);
    z = normals((long) shape.parameters() * tokens, 1);
    gz = constants((long) shape.parameters() * tokens, 0);
    h = constants((long) D * D * tokens, 0);
    gh = normals((long) D * D * tokens, 2);
    scratch = scratch(Math.max(1, kernel.scratchBytes(shape)));
  }

  @Benchmark
  public void mix() {
    kernel.mix(shape, z, h, null, scratch, tokens, 0, tokens);
  }

  @Benchmark
  public void mixVjp() {
    kernel.mixVjp(shape, z, gh, gz, null, scratch, tokens, 0, tokens);
  }
}
