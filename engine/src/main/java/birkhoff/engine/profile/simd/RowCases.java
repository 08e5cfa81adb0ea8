package birkhoff.engine.profile.simd;

import birkhoff.engine.kernel.Loss;
import birkhoff.engine.kernel.Normalization;
import birkhoff.engine.kernel.Reduction;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Reductions, norms and the loss on 32 rows of 256 numbers. */
final class RowCases {
  private static final int COLS = 256;
  private static final int ROWS = 32;
  private static final int N = ROWS * COLS;

  private final List<KernelCase> cases = new ArrayList<>();
  private final Role role;

  private RowCases(Role role) {
    this.role = role;
  }

  static List<KernelCase> reduction(Reduction k, Operands memory) {
    var all = new RowCases(Role.REDUCTION);
    MemorySegment x = memory.normals(N);
    MemorySegment y = memory.normals(N);
    MemorySegment out = memory.zeros(N);
    all.add("sum", "", () -> k.sum(x, 0, N));
    all.add("sumSquares", "", () -> k.sumSquares(x, 0, N));
    all.add("dot", "", () -> k.dot(x, y, 0, N));
    all.add("max", "", () -> k.max(x, 0, N));
    all.add("rowSums", "", () -> k.rowSums(x, COLS, out, 0, ROWS));
    all.add("rowMax", "", () -> k.rowMax(x, COLS, out, 0, ROWS));
    all.add("columnSums", "", () -> k.columnSums(x, COLS, out, 0, false, 0, ROWS));
    all.add("columnSums", "accumulate", () -> k.columnSums(x, COLS, out, 0, true, 0, ROWS));
    return all.cases;
  }

  static List<KernelCase> normalization(Normalization k, Operands memory) {
    var all = new RowCases(Role.NORMALIZATION);
    MemorySegment a = memory.normals(N);
    MemorySegment b = memory.normals(N);
    MemorySegment sum = memory.zeros(N);
    MemorySegment out = memory.zeros(N);
    MemorySegment gamma = memory.normals(COLS);
    MemorySegment mean = memory.constants(ROWS, 0);
    MemorySegment scale = memory.constants(ROWS, 1);
    MemorySegment partial = memory.zeros(2 * COLS);
    all.add(
        "layerNorm", "", () -> k.layerNorm(a, gamma, gamma, out, mean, scale, COLS, 1e-5, 0, ROWS));
    all.add(
        "addLayerNorm",
        "",
        () -> k.addLayerNorm(a, b, sum, gamma, null, out, mean, scale, COLS, 1e-5, 0, ROWS));
    all.add("rmsNorm", "", () -> k.rmsNorm(a, gamma, out, scale, COLS, 1e-5, 0, ROWS));
    all.add("softmax", "", () -> k.softmax(a, out, COLS, 0, ROWS));
    all.add("softmax", "odd width", () -> k.softmax(a, out, COLS - 3, 0, ROWS));
    all.add("logSoftmax", "", () -> k.logSoftmax(a, out, COLS, 0, ROWS));
    for (boolean add : new boolean[] {false, true}) {
      String how = add ? "accumulate" : "";
      all.add(
          "layerNormVjp",
          how,
          () -> k.layerNormVjp(a, gamma, mean, scale, b, out, add, partial, 0, COLS, 0, ROWS));
      all.add(
          "rmsNormVjp",
          how,
          () -> k.rmsNormVjp(a, gamma, scale, b, out, add, partial, 0, COLS, 0, ROWS));
      all.add("softmaxVjp", how, () -> k.softmaxVjp(a, b, out, add, COLS, 0, ROWS));
      all.add("logSoftmaxVjp", how, () -> k.logSoftmaxVjp(a, b, out, add, COLS, 0, ROWS));
    }
    return all.cases;
  }

  static List<KernelCase> loss(Loss k, Operands memory) {
    var all = new RowCases(Role.LOSS);
    MemorySegment logits = memory.normals(N);
    MemorySegment targets = memory.ids(ROWS, COLS);
    MemorySegment loss = memory.zeros(ROWS);
    all.add(
        "crossEntropy", "", () -> k.crossEntropy(logits, COLS, targets, loss, false, 1, 0, ROWS));
    all.add(
        "crossEntropy",
        "gradient",
        () -> k.crossEntropy(logits, COLS, targets, loss, true, 1, 0, ROWS));
    return all.cases;
  }

  private void add(String method, String variant, Runnable call) {
    cases.add(new KernelCase(role, method, variant, call));
  }
}
