package birkhoff.tests.kernels;

import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.GemmCase;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A kernel of the Gemm role, run on cases and compared with plain loops. */
record GemmRun(Gemm kernel, DType dtype) {
  // Around the register tile at every width, the blocks of k, the tasks and the packed part of B.
  private static final int[] SIZES = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 15, 16, 17, 24, 31, 32, 33, 47, 63, 64, 65, 100, 129
  };

  private static final int[][] LARGE = {
    {1, 700, 600},
    {2, 600, 700},
    {3, 64, 1030},
    {4, 1030, 64},
    {5, 513, 511},
    {700, 1, 600},
    {600, 3, 40},
    {300, 40, 1100},
    {150, 700, 520},
    {13, 1600, 513},
    {290, 36, 400}
  };

  /** Every combination of transposes, ragged sizes, rows with gaps, shared and separate inputs. */
  static List<GemmCase> cases(int small, boolean large) {
    SplittableRandom random = Seeds.random("vector gemm cases");
    double[] alphas = {1, 0.5, -2, 0};
    double[] betas = {0, 1, -0.25};
    var cases = new ArrayList<GemmCase>();
    for (int i = 0; i < small; i++) {
      int m = SIZES[random.nextInt(SIZES.length)];
      int n = SIZES[random.nextInt(SIZES.length)];
      int k = SIZES[random.nextInt(SIZES.length)];
      GemmShape shape = shape(random, i % 4, random.nextInt(4), m, n, k);
      cases.add(GemmCase.of(shape, alphas[random.nextInt(4)], betas[random.nextInt(3)]));
    }
    if (large) {
      for (int i = 0; i < 4 * LARGE.length; i++) {
        int[] size = LARGE[i / 4];
        cases.add(
            GemmCase.of(shape(random, i % 4, 1, size[0], size[1], size[2]), 1, betas[i / 4 % 3]));
      }
      cases.add(GemmCase.of(shape(random, 2, 9, 100, 120, 130), 1, 1));
    }
    return cases;
  }

  private static GemmShape shape(
      SplittableRandom random, int transposes, int batch, int m, int n, int k) {
    boolean transA = transposes % 2 == 1;
    boolean transB = transposes / 2 == 1;
    long lda = Math.max(1L, (transA ? m : k) + (long) random.nextInt(3));
    long ldb = Math.max(1L, (transB ? k : n) + (long) random.nextInt(3));
    long ldc = Math.max(1L, n + (long) random.nextInt(3));
    // In one piece with a shared B, as a linear layer makes it, or anything else.
    boolean tall = random.nextInt(3) == 0;
    long rowsA = transA ? k : m;
    long rowsB = transB ? n : k;
    long strideA = tall ? rowsA * lda : random.nextInt(4) == 0 ? 0 : rowsA * lda + 3;
    long strideB = tall || random.nextInt(4) == 0 ? 0 : rowsB * ldb + random.nextInt(5);
    long strideC = m * ldc + (tall ? 0 : random.nextInt(5));
    return new GemmShape(transA, transB, batch, m, n, k, lda, strideA, ldb, strideB, ldc, strideC);
  }

  /** The whole of C after the product. */
  double[] result(ThreadTeam team, GemmCase c) {
    return result(team, c, 0);
  }

  /** The same, with operands that begin {@code offset} elements behind an aligned address. */
  double[] result(ThreadTeam team, GemmCase c, int offset) {
    try (var memory = new GuardedMemory()) {
      var a = operand(memory, c.a(), offset);
      var b = operand(memory, c.b(), offset);
      var out = operand(memory, c.start(), offset);
      kernel.gemm(team, c.shape(), c.alpha(), a, b, c.beta(), out);
      return dtype == DType.FLOAT64
          ? GuardedMemory.doubles(out)
          : RandomArrays.widen(GuardedMemory.floats(out));
    }
  }

  private MemorySegment operand(GuardedMemory memory, double[] values, int offset) {
    var all = new double[offset + values.length];
    System.arraycopy(values, 0, all, offset, values.length);
    MemorySegment segment =
        dtype == DType.FLOAT64 ? memory.of(all) : memory.of(RandomArrays.narrow(all));
    return segment.asSlice((long) offset * dtype.bytes());
  }

  /** Fails when {@code result} is further from the plain loops than rounding explains. */
  void check(GemmCase c, double[] result) {
    double u = dtype == DType.FLOAT32 ? Bound.FLOAT_ROUNDOFF : 0x1p-53;
    // One rounding for every term, and those of alpha, beta and the sums of the blocks of k.
    double terms = c.shape().k() + 4 + c.shape().k() / 256.0;
    double gamma = terms * u / (1 - terms * u);
    Bound bound = (index, expected, largest) -> gamma * c.magnitudes()[index];
    String name = c.shape() + " alpha " + c.alpha() + " beta " + c.beta();
    Numeric.assertClose(name, c.expected(), result, bound);
  }
}
