package birkhoff.engine.profile.simd;

import birkhoff.engine.kernel.Embedding;
import birkhoff.engine.kernel.OptimizerStep;
import birkhoff.engine.kernel.OptimizerStep.AdamWCoefficients;
import birkhoff.engine.kernel.RandomMask;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Embeddings, dropout and the optimizer. */
final class UpdateCases {
  private static final int COLS = 256;
  private static final int ROWS = 32;
  private static final int N = ROWS * COLS;

  private UpdateCases() {}

  static List<KernelCase> embedding(Embedding k, Operands memory) {
    MemorySegment table = memory.normals(N);
    MemorySegment positions = memory.normals(8 * COLS);
    MemorySegment out = memory.zeros(N);
    MemorySegment ids = memory.ids(ROWS, ROWS);
    return List.of(
        new KernelCase(
            Role.EMBEDDING, "gather", "", () -> k.gather(table, ids, out, COLS, 0, ROWS)),
        new KernelCase(
            Role.EMBEDDING,
            "gatherAddPosition",
            "",
            () -> k.gatherAddPosition(table, ids, positions, 8, out, COLS, 0, ROWS)),
        new KernelCase(
            Role.EMBEDDING,
            "scatterAdd",
            "",
            () -> k.scatterAdd(table, ids, out, ROWS, COLS, 0, COLS)));
  }

  static List<KernelCase> random(RandomMask k, Operands memory) {
    MemorySegment x = memory.normals(N);
    MemorySegment out = memory.zeros(N);
    return List.of(
        new KernelCase(Role.RANDOM, "dropout", "", () -> k.dropout(x, out, 0.1, 1, false, 0, N)),
        new KernelCase(
            Role.RANDOM, "dropout", "accumulate", () -> k.dropout(x, out, 0.1, 1, true, 0, N)));
  }

  static List<KernelCase> optimizer(OptimizerStep k, Operands memory) {
    MemorySegment param = memory.normals(N);
    MemorySegment grad = memory.normals(N);
    MemorySegment first = memory.zeros(N);
    MemorySegment second = memory.constants(N, 0.5f);
    var c = AdamWCoefficients.of(1, 1e-3, 0.1, 0.9, 0.99, 1e-8, 1);
    return List.of(
        new KernelCase(
            Role.OPTIMIZER, "adamW", "", () -> k.adamW(param, grad, first, second, c, 0, N)),
        new KernelCase(Role.OPTIMIZER, "blend", "", () -> k.blend(first, 0.9, grad, 0.1, 0, N)));
  }
}
