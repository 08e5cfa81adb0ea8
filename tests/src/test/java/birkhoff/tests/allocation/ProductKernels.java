package birkhoff.tests.allocation;

import birkhoff.engine.kernel.Attention;
import birkhoff.engine.kernel.Attention.AttentionShape;
import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.vector.VectorAttention;
import birkhoff.engine.kernel.vector.VectorGemm;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/** Matrix products and attention, ready to be called. */
final class ProductKernels {
  // Three, so that edges of every kind are met.
  private static final int[] SIZES = {300, 301, 302};

  private final GuardedMemory memory = new GuardedMemory();
  private final Map<String, Runnable> kernels = new LinkedHashMap<>();

  private MemorySegment random(String name, int n) {
    return memory.of(RandomArrays.floats(Seeds.random(name), n, 1));
  }

  /** On a team of one, whose work is this thread's. */
  Map<String, Runnable> gemm() {
    Gemm gemm = new VectorGemm();
    var team = new ThreadTeam(1, new MemoryLedger());
    int n = SIZES[2] * SIZES[2];
    MemorySegment a = random("a", n);
    MemorySegment b = random("b", n);
    MemorySegment c = random("c", n);
    for (int size : SIZES) {
      for (int way = 0; way < 8; way++) {
        GemmShape shape = GemmShape.of((way & 1) != 0, (way & 2) != 0, size, size, size);
        int beta = way / 4;
        kernels.put(shape + ", beta " + beta, () -> gemm.gemm(team, shape, 1, a, b, beta, c));
      }
    }
    return kernels;
  }

  Map<String, Runnable> attention() {
    Attention attention = new VectorAttention();
    for (double dropout : new double[] {0, 0.1}) {
      var s = new AttentionShape(2, 64, 4, 32, dropout, 1);
      int rows = s.blocks() * s.time();
      int width = s.batch() * s.time() * s.width();
      MemorySegment qkv = random("qkv", 3 * width);
      MemorySegment gout = random("gout", width);
      MemorySegment out = memory.unwrittenFloats(width);
      MemorySegment lse = memory.unwrittenFloats(rows);
      MemorySegment gqkv = memory.unwrittenFloats(3 * width);
      MemorySegment scratch =
          memory.unwrittenFloats(Math.toIntExact(attention.scratchBytes(s) / Float.BYTES));
      kernels.put(
          "forward, dropout " + dropout,
          () -> attention.forward(s, qkv, out, lse, scratch, 0, s.blocks()));
      kernels.put(
          "backward, dropout " + dropout,
          () -> attention.backward(s, qkv, lse, gout, gqkv, scratch, 0, s.blocks()));
    }
    return kernels;
  }
}
