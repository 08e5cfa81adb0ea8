package birkhoff.tests.determinism;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.kernel.vector.VectorElementwise;
import birkhoff.engine.kernel.vector.VectorLoss;
import birkhoff.engine.kernel.vector.VectorNormalization;
import birkhoff.engine.kernel.vector.VectorRandomMask;
import birkhoff.engine.kernel.vector.VectorReduction;
import birkhoff.tests.support.Allocation;
import birkhoff.tests.support.ChildJvm;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The kernels give the same bits in the interpreter, under C1 and under C2: not so with {@code
 * reduceLanes(ADD)}, or with sines and exponentials that one of them takes from a library.
 */
class CompilerBitsTest {
  private static final int COLS = 83;
  private static final int ROWS = 4;
  private static final int N = ROWS * COLS;

  /** Elements without the rest behind the last full vector, where long functions may be boxed. */
  private static final int WHOLE = N / 64 * 64;

  @Test
  void interpreterAndCompilersAgree() {
    List<String> interpreted = digests(List.of("-Xint"), "cold");
    assertThat(interpreted).hasSizeGreaterThan(30);
    assertThat(digests(List.of("-XX:TieredStopAtLevel=1"), "warm")).isEqualTo(interpreted);
    assertThat(digests(List.of(), "hot")).isEqualTo(interpreted);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.1", "0.01"})
  void earlyCompilationAgrees(String scale) {
    List<String> interpreted = digests(List.of("-Xint"), "cold");
    assertThat(digests(List.of("-XX:CompileThresholdScaling=" + scale), "warm"))
        .as("compiled after %s of the usual number of calls", scale)
        .isEqualTo(interpreted);
  }

  private static List<String> digests(List<String> options, String mode) {
    return ChildJvm.run(CompilerBitsTest.class, options, mode)
        .lines()
        .filter(line -> line.startsWith("bits "))
        .toList();
  }

  /** In the child: prints a digest of every kernel's output, in the end or once it is compiled. */
  public static void main(String[] arguments) {
    try (var memory = new GuardedMemory()) {
      kernels(memory)
          .forEach((name, kernel) -> {
            switch (arguments[0]) {
              case "cold" -> {}
              case "warm" -> repeat(kernel, 300);
              default -> require(Allocation.steadyState(kernel::run, 0), name);
            }
            kernel.run();
            System.out.println("bits " + name + " " + kernel.digest());
          });
    }
  }

  private static void repeat(Kernel kernel, int times) {
    for (int i = 0; i < times; i++) {
      kernel.run();
    }
  }

  private static void require(long allocated, String name) {
    if (allocated > 0) {
      throw new AssertionError(name + " allocates " + allocated + " bytes: it is not compiled");
    }
  }

  private record Kernel(Runnable body, MemorySegment... outputs) {
    void run() {
      body.run();
    }

    String digest() {
      return Arrays.stream(outputs)
          .map(o -> Integer.toHexString(Arrays.hashCode(GuardedMemory.floats(o))))
          .collect(Collectors.joining(" "));
    }
  }

  private static Map<String, Kernel> kernels(GuardedMemory memory) {
    var random = Seeds.random("compilers");
    float[] values = RandomArrays.floats(random, N, 4);
    MemorySegment a = memory.of(values);
    MemorySegment b = memory.of(RandomArrays.floats(random, N, 1));
    MemorySegment gamma = memory.of(RandomArrays.floats(random, COLS, 1));
    MemorySegment ids = memory.of(RandomArrays.tokens(random, ROWS, COLS));
    var all = new LinkedHashMap<String, Kernel>();
    var elementwise = new VectorElementwise();
    for (UnaryOp op : UnaryOp.values()) {
      MemorySegment y = memory.unwrittenFloats(N);
      all.put(op.name(), new Kernel(() -> elementwise.unary(op, a, y, 0, WHOLE), y));
      MemorySegment g = memory.unwrittenFloats(N);
      all.put(
          op + " vjp", new Kernel(() -> elementwise.unaryVjp(op, a, a, b, g, false, 0, WHOLE), g));
    }
    var reduction = new VectorReduction();
    MemorySegment sums = memory.unwrittenFloats(ROWS);
    all.put("rowSums", new Kernel(() -> reduction.rowSums(a, COLS, sums, 0, ROWS), sums));
    MemorySegment columns = memory.unwrittenFloats(COLS);
    all.put(
        "columnSums",
        new Kernel(() -> reduction.columnSums(a, COLS, columns, 0, false, 0, ROWS), columns));
    var norm = new VectorNormalization();
    MemorySegment y = memory.unwrittenFloats(N);
    MemorySegment mean = memory.unwrittenFloats(ROWS);
    MemorySegment rstd = memory.unwrittenFloats(ROWS);
    all.put(
        "layerNorm",
        new Kernel(
            () -> norm.layerNorm(a, gamma, gamma, y, mean, rstd, COLS, 1e-5, 0, ROWS),
            y,
            mean,
            rstd));
    MemorySegment gx = memory.unwrittenFloats(N);
    MemorySegment partial = memory.unwrittenFloats(2 * COLS);
    all.put(
        "layerNormVjp",
        new Kernel(
            () -> norm.layerNormVjp(a, gamma, mean, rstd, b, gx, false, partial, 0, COLS, 0, ROWS),
            gx,
            partial));
    MemorySegment p = memory.unwrittenFloats(N);
    all.put("softmax", new Kernel(() -> norm.softmax(a, p, COLS, 0, ROWS), p));
    MemorySegment l = memory.unwrittenFloats(N);
    all.put("logSoftmax", new Kernel(() -> norm.logSoftmax(a, l, COLS, 0, ROWS), l));
    var loss = new VectorLoss();
    MemorySegment logits = memory.unwrittenFloats(N);
    MemorySegment rowLoss = memory.unwrittenFloats(ROWS);
    all.put(
        "crossEntropy",
        new Kernel(
            () -> {
              MemorySegment.copy(a, 0, logits, 0, a.byteSize());
              loss.crossEntropy(logits, COLS, ids, rowLoss, true, 0.5, 0, ROWS);
            },
            logits,
            rowLoss));
    MemorySegment kept = memory.unwrittenFloats(N);
    var mask = new VectorRandomMask();
    all.put("dropout", new Kernel(() -> mask.dropout(a, kept, 0.3, 11, false, 0, WHOLE), kept));
    return all;
  }
}
