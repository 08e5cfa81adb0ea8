package birkhoff.tests.allocation;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.kernel.OptimizerStep.AdamWCoefficients;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.kernel.vector.VectorElementwise;
import birkhoff.engine.kernel.vector.VectorEmbedding;
import birkhoff.engine.kernel.vector.VectorLoss;
import birkhoff.engine.kernel.vector.VectorNormalization;
import birkhoff.engine.kernel.vector.VectorOptimizerStep;
import birkhoff.engine.kernel.vector.VectorRandomMask;
import birkhoff.engine.kernel.vector.VectorReduction;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/** Elementwise, row and update kernels, ready to be called. */
final class RowKernels {
  private static final int COLS = 256;
  private static final int ROWS = 32;
  private static final int N = ROWS * COLS;

  private final GuardedMemory memory = new GuardedMemory();
  private final MemorySegment a = random("a", N);
  private final MemorySegment b = random("b", N);
  private final MemorySegment out = random("out", N);
  private final MemorySegment gamma = random("gamma", COLS);
  private final MemorySegment rows = random("rows", ROWS);
  private final MemorySegment scale = memory.of(filled(ROWS, 1));
  private final MemorySegment partial = random("partial", 2 * COLS);
  private final MemorySegment ids = memory.of(new int[ROWS]);
  private final MemorySegment second = memory.of(filled(N, 0.5f));
  private final Map<String, Runnable> kernels = new LinkedHashMap<>();

  private MemorySegment random(String name, int n) {
    return memory.of(RandomArrays.floats(Seeds.random(name), n, 1));
  }

  private static float[] filled(int n, float value) {
    float[] values = new float[n];
    java.util.Arrays.fill(values, value);
    return values;
  }

  Map<String, Runnable> elementwise() {
    var k = new VectorElementwise();
    for (UnaryOp op : UnaryOp.values()) {
      kernels.put(op.name(), () -> k.unary(op, a, out, 0, N));
      kernels.put(op + " vjp", () -> k.unaryVjp(op, a, a, b, out, false, 0, N));
      kernels.put(op + " vjp added", () -> k.unaryVjp(op, a, a, b, out, true, 0, N));
    }
    for (BinaryOp op : BinaryOp.values()) {
      kernels.put(op.name(), () -> k.binary(op, a, 0, 1, b, 0, 1, out, 0, N));
      kernels.put(op + " scalar", () -> k.binary(op, a, 0, 1, b, 0, 0, out, 0, N));
      kernels.put(op + " da", () -> k.binaryVjp(op, true, a, 0, 1, b, 0, 1, b, out, 0, N));
      kernels.put(op + " db", () -> k.binaryVjp(op, false, a, 0, 1, b, 0, 1, b, out, 0, N));
    }
    kernels.put("axpby", () -> k.axpby(0.5, a, 0.5, out, 0, N));
    kernels.put("fill", () -> k.fill(0.5, out, 0, N));
    return kernels;
  }

  Map<String, Runnable> rows() {
    var n = new VectorNormalization();
    var r = new VectorReduction();
    var l = new VectorLoss();
    kernels.put("sum", () -> r.sum(a, 0, N));
    kernels.put("sumSquares", () -> r.sumSquares(a, 0, N));
    kernels.put("max", () -> r.max(a, 0, N));
    kernels.put("rowMax", () -> r.rowMax(a, COLS, rows, 0, ROWS));
    kernels.put("columnSums", () -> r.columnSums(a, COLS, partial, 0, true, 0, ROWS));
    kernels.put(
        "layerNorm", () -> n.layerNorm(a, gamma, gamma, out, rows, scale, COLS, 1e-5, 0, ROWS));
    kernels.put(
        "addLayerNorm",
        () -> n.addLayerNorm(a, b, b, gamma, null, out, rows, scale, COLS, 1e-5, 0, ROWS));
    for (boolean add : new boolean[] {false, true}) {
      kernels.put(
          "layerNormVjp " + add,
          () -> n.layerNormVjp(a, gamma, rows, scale, b, out, add, partial, 0, COLS, 0, ROWS));
      kernels.put(
          "rmsNormVjp " + add,
          () -> n.rmsNormVjp(a, gamma, scale, b, out, add, partial, 0, COLS, 0, ROWS));
      kernels.put("softmaxVjp " + add, () -> n.softmaxVjp(a, b, out, add, COLS, 0, ROWS));
      kernels.put("logSoftmaxVjp " + add, () -> n.logSoftmaxVjp(a, b, out, add, COLS, 0, ROWS));
      kernels.put(
          "crossEntropy " + add, () -> l.crossEntropy(out, COLS, ids, rows, add, 1, 0, ROWS));
    }
    kernels.put("rmsNorm", () -> n.rmsNorm(a, gamma, out, scale, COLS, 1e-5, 0, ROWS));
    kernels.put("softmax", () -> n.softmax(a, out, COLS, 0, ROWS));
    kernels.put("softmax, odd", () -> n.softmax(a, out, COLS - 3, 0, ROWS));
    kernels.put("logSoftmax", () -> n.logSoftmax(a, out, COLS, 0, ROWS));
    return kernels;
  }

  Map<String, Runnable> others() {
    var e = new VectorEmbedding();
    var d = new VectorRandomMask();
    var o = new VectorOptimizerStep();
    var k = AdamWCoefficients.of(1, 1e-3, 0.1, 0.9, 0.99, 1e-8, 1);
    kernels.put("gather", () -> e.gather(a, ids, out, COLS, 0, ROWS));
    kernels.put("gatherAddPosition", () -> e.gatherAddPosition(a, ids, b, 8, out, COLS, 0, ROWS));
    kernels.put("scatterAdd", () -> e.scatterAdd(a, ids, out, ROWS, COLS, 0, COLS));
    kernels.put("dropout", () -> d.dropout(a, out, 0.1, 1, false, 0, N));
    kernels.put("dropout added", () -> d.dropout(a, out, 0.1, 1, true, 0, N));
    kernels.put("adamW", () -> o.adamW(out, a, b, second, k, 0, N));
    return kernels;
  }
}
