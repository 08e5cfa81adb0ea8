package birkhoff.engine.profile.simd;

import birkhoff.engine.kernel.Attention;
import birkhoff.engine.kernel.Attention.AttentionShape;
import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Matrix products and attention. */
final class ProductCases {
  // Three, so that edges of every kind are met; one below the size that is worth packing together.
  private static final int[] SIZES = {300, 301, 302, 90};

  private ProductCases() {}

  /** On a team of one, whose work is this thread's. */
  static List<KernelCase> gemm(Gemm k, Operands memory) {
    List<KernelCase> all = new ArrayList<>();
    var team = new ThreadTeam(1, new MemoryLedger());
    int n = SIZES[2] * SIZES[2];
    MemorySegment a = memory.normals(n);
    MemorySegment b = memory.normals(n);
    MemorySegment c = memory.zeros(n);
    for (int size : SIZES) {
      for (int way = 0; way < 8; way++) {
        boolean transA = (way & 1) != 0;
        boolean transB = (way & 2) != 0;
        GemmShape shape = GemmShape.of(transA, transB, size, size, size);
        int beta = way / 4;
        String name = (transA ? "T" : "N") + (transB ? "T " : "N ") + size + ", beta " + beta;
        all.add(
            new KernelCase(Role.GEMM, "gemm", name, () -> k.gemm(team, shape, 1, a, b, beta, c)));
      }
    }
    all.addAll(DecodingCases.gemm(k, memory));
    return all;
  }

  static List<KernelCase> attention(Attention k, Operands memory) {
    List<KernelCase> all = new ArrayList<>();
    for (double dropout : new double[] {0, 0.1}) {
      var s = new AttentionShape(2, 64, 4, 32, dropout, 1);
      int width = s.batch() * s.time() * s.width();
      MemorySegment qkv = memory.normals(3 * width);
      MemorySegment gout = memory.normals(width);
      MemorySegment out = memory.zeros(width);
      MemorySegment lse = memory.zeros(s.blocks() * s.time());
      MemorySegment gqkv = memory.zeros(3 * width);
      MemorySegment scratch = memory.scratch(k.scratchBytes(s));
      String how = dropout == 0 ? "" : "dropout";
      all.add(
          new KernelCase(
              Role.ATTENTION,
              "forward",
              how,
              () -> k.forward(s, qkv, out, lse, scratch, 0, s.blocks())));
      all.add(
          new KernelCase(
              Role.ATTENTION,
              "backward",
              how,
              () -> k.backward(s, qkv, lse, gout, gqkv, scratch, 0, s.blocks())));
    }
    all.addAll(DecodingCases.attention(k, memory));
    return all;
  }
}
