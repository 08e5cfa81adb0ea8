package birkhoff.engine.profile.simd;

import birkhoff.engine.kernel.Attention;
import birkhoff.engine.kernel.Attention.CacheShape;
import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Products with few rows and attention on a cache. */
final class DecodingCases {
  // Nothing divides it, so that edges are met.
  private static final int K = 301;
  private static final int N = 130;
  private static final int[] ROWS = {1, 4};

  private DecodingCases() {}

  static List<KernelCase> gemm(Gemm k, Operands memory) {
    List<KernelCase> all = new ArrayList<>();
    var team = new ThreadTeam(1, new MemoryLedger());
    MemorySegment x = memory.normals(4 * K);
    MemorySegment w = memory.normals(N * K);
    MemorySegment y = memory.zeros(4 * N);
    for (int m : ROWS) {
      GemmShape shape = GemmShape.of(false, true, m, N, K);
      String name = "NT of " + m + " rows";
      all.add(new KernelCase(Role.GEMM, "gemm", name, () -> k.gemm(team, shape, 1, x, w, 0, y)));
    }
    return all;
  }

  static List<KernelCase> attention(Attention k, Operands memory) {
    List<KernelCase> all = new ArrayList<>();
    for (int headSize : new int[] {64, 20}) {
      var s = new CacheShape(2, 2, headSize, 128, 100, 2);
      MemorySegment qkv = memory.normals(3 * 4 * s.width());
      MemorySegment keys = memory.normals(4 * 128 * headSize);
      MemorySegment values = memory.normals(4 * 128 * headSize);
      MemorySegment out = memory.zeros(4 * s.width());
      MemorySegment scratch = memory.scratch(k.scratchBytes(s));
      all.add(
          new KernelCase(
              Role.ATTENTION,
              "attendCached",
              "head size " + headSize,
              () -> k.attendCached(s, qkv, keys, values, out, scratch, 0, s.blocks())));
    }
    return all;
  }
}
