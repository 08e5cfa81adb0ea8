package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Matrix products as the definition says, for float32 and float64: every element of {@code C} is
 * summed in double in the order of {@code k} and rounded once. With {@code α = 0} the operands are
 * not read, as in BLAS. Thread-safe.
 */
public final class ScalarGemm implements Gemm {
  private final Elements elements;
  private final DType dtype;

  /** The reference for {@code dtype}, a floating type. */
  public ScalarGemm(DType dtype) {
    this.elements = new Elements(dtype);
    this.dtype = dtype;
  }

  @Override
  public void gemm(
      ThreadTeam team,
      GemmShape shape,
      double alpha,
      MemorySegment a,
      MemorySegment b,
      double beta,
      MemorySegment c) {
    shape.check(a, b, dtype, c, dtype);
    long rows = (long) shape.batch() * shape.m();
    long perRow = Math.max(1, (long) shape.n() * Math.max(1, shape.k()));
    team.run(
        Partition.rows(rows, perRow),
        (lo, hi, worker) -> {
          var row = new double[shape.k()];
          var sums = new double[shape.n()];
          for (long r = lo; r < hi; r++) {
            row(shape, r / shape.m(), r % shape.m(), alpha, a, b, beta, c, row, sums);
          }
        });
  }

  private void row(
      GemmShape s,
      long product,
      long i,
      double alpha,
      MemorySegment a,
      MemorySegment b,
      double beta,
      MemorySegment c,
      double[] row,
      double[] sums) {
    if (alpha != 0) {
      long atA = product * s.strideA();
      for (int p = 0; p < row.length; p++) {
        row[p] = elements.get(a, s.transA() ? atA + p * s.lda() + i : atA + i * s.lda() + p);
      }
      multiply(s, row, b, product * s.strideB(), sums);
    }
    long atC = product * s.strideC() + i * s.ldc();
    for (int j = 0; j < sums.length; j++) {
      double scaled = alpha == 0 ? 0 : alpha * sums[j];
      elements.set(c, atC + j, beta == 0 ? scaled : scaled + beta * elements.get(c, atC + j));
    }
  }

  // Both loops add in the order of p; each runs along the rows of B as they lie in memory.
  private void multiply(GemmShape s, double[] row, MemorySegment b, long atB, double[] sums) {
    if (s.transB()) {
      for (int j = 0; j < sums.length; j++) {
        double sum = 0;
        for (int p = 0; p < row.length; p++) {
          sum += row[p] * elements.get(b, atB + j * s.ldb() + p);
        }
        sums[j] = sum;
      }
      return;
    }
    Arrays.fill(sums, 0);
    for (int p = 0; p < row.length; p++) {
      double factor = row[p];
      for (int j = 0; j < sums.length; j++) {
        sums[j] += factor * elements.get(b, atB + p * s.ldb() + j);
      }
    }
  }
}
