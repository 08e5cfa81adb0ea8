package birkhoff.tests.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.scalar.ScalarGemm;
import birkhoff.engine.kernel.vector.VectorGemm;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.ffi.OpenBlas;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.GemmCase;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Random products with all kernels against plain loops, within γ(k): sizes from 0, both transposes,
 * any α and β, rows with gaps, batches whose operands are shared or apart, operands at any address,
 * one thread against several; and results that lie where an operand does.
 */
class RandomProductsTest {
  private static final int CASES = Campaign.cases(2000);
  private static final int[] EDGES = {12, 13, 15, 16, 17, 24, 31, 32, 33, 47, 48, 63, 64, 65, 96};

  private final List<GemmRun> kernels =
      List.of(
          new GemmRun(new ScalarGemm(DType.FLOAT32), DType.FLOAT32),
          new GemmRun(new VectorGemm(), DType.FLOAT32),
          new GemmRun(OpenBlas.gemm(DType.FLOAT32), DType.FLOAT32),
          new GemmRun(new ScalarGemm(DType.FLOAT64), DType.FLOAT64),
          new GemmRun(OpenBlas.gemm(DType.FLOAT64), DType.FLOAT64));

  @Test
  void agreeWithPlainLoops() {
    var teams = new ArrayList<ThreadTeam>();
    for (int threads = 1; threads <= 4; threads++) {
      teams.add(new ThreadTeam(threads, new MemoryLedger()));
    }
    int empty = 0;
    int overlaps = 0;
    try {
      for (int i = 0; i < CASES; i++) {
        SplittableRandom random = Seeds.random("products", i);
        GemmCase c = GemmCase.of(shape(random), factor(random), factor(random));
        empty += c.expected().length == 0 ? 1 : 0;
        int offset = random.nextInt(4) == 0 ? random.nextInt(1, 16) : 0;
        ThreadTeam several = teams.get(random.nextInt(1, teams.size()));
        for (GemmRun run : kernels) {
          double[] alone = run.result(teams.getFirst(), c, offset);
          run.check(c, alone);
          assertThat(run.result(several, c, offset))
              .as("case %d: %s with %d threads", i, c.shape(), several.size())
              .isEqualTo(alone);
        }
        overlaps += overlapping(random, c.shape(), teams.getFirst());
      }
    } finally {
      teams.forEach(ThreadTeam::close);
    }
    assertThat(empty).isPositive();
    assertThat(overlaps).isGreaterThan(CASES / 4);
    Campaign.ran(
        "products",
        "%d products (%d of nothing) with %d kernels, %d overlapping results refused",
        CASES,
        empty,
        kernels.size(),
        overlaps);
  }

  /** A result that lies on a part of A: refused, and nothing is written. */
  private int overlapping(SplittableRandom random, GemmShape s, ThreadTeam team) {
    if (s.extentA() == 0 || s.extentC() == 0) {
      return 0;
    }
    int count = Math.toIntExact(s.extentA() + s.extentB() + 2 * s.extentC());
    long from = random.nextLong(s.extentC(), s.extentC() + s.extentA());
    boolean before = random.nextBoolean();
    for (GemmRun run : kernels) {
      try (var memory = new GuardedMemory()) {
        int bytes = run.dtype().bytes();
        var all = memory.of(new float[count * bytes / Float.BYTES]);
        var a = all.asSlice(s.extentC() * bytes, s.extentA() * bytes);
        var b = all.asSlice(count * (long) bytes - s.extentB() * bytes, s.extentB() * bytes);
        long at = before ? from - s.extentC() + 1 : from;
        var c = all.asSlice(at * bytes, s.extentC() * bytes);
        assertThatThrownBy(() -> run.kernel().gemm(team, s, 1, a, b, 0.5, c))
            .isInstanceOf(ShapeException.class)
            .hasMessageContaining("C overlaps operand A");
        assertThat(GuardedMemory.floats(all)).containsOnly(0f);
      }
    }
    return 1;
  }

  private static double factor(SplittableRandom random) {
    double[] usual = {1, 0, -1, 0.5};
    int which = random.nextInt(6);
    return which < 4 ? usual[which] : (float) random.nextDouble(-3, 3);
  }

  private static int size(SplittableRandom random) {
    return switch (random.nextInt(20)) {
      case 0 -> 0;
      case 1, 2 -> 1;
      case 3, 4, 5, 6, 7, 8, 9 -> random.nextInt(2, 12);
      case 10, 11, 12, 13, 14, 15 -> EDGES[random.nextInt(EDGES.length)];
      default -> random.nextInt(12, 130);
    };
  }

  private static GemmShape shape(SplittableRandom random) {
    int m = size(random);
    int n = size(random);
    int k = size(random);
    // One long dimension: products are cut along each of them in other ways.
    switch (random.nextInt(30)) {
      case 0 -> m = random.nextInt(500, 3000);
      case 1 -> n = random.nextInt(500, 3000);
      case 2 -> k = random.nextInt(500, 3000);
      default -> {}
    }
    boolean transA = random.nextBoolean();
    boolean transB = random.nextBoolean();
    int batch = random.nextInt(3) == 0 ? random.nextInt(5) : 1;
    long lda = Math.max(1, transA ? m : k) + (long) gap(random);
    long ldb = Math.max(1, transB ? k : n) + (long) gap(random);
    long ldc = Math.max(1, n) + (long) gap(random);
    long strideA = random.nextInt(4) == 0 ? 0 : (transA ? k : m) * lda + gap(random);
    long strideB = random.nextInt(3) == 0 ? 0 : (transB ? n : k) * ldb + gap(random);
    long strideC = m * ldc + gap(random);
    return new GemmShape(transA, transB, batch, m, n, k, lda, strideA, ldb, strideB, ldc, strideC);
  }

  private static int gap(SplittableRandom random) {
    return random.nextBoolean() ? 0 : random.nextInt(1, 9);
  }
}
