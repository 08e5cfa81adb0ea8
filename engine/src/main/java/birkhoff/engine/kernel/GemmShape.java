package birkhoff.engine.kernel;

import birkhoff.engine.error.ShapeException;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * Geometry of {@code batch} matrix products {@code C[m,n] = α·op(A)[m,k]·op(B)[k,n] + β·C}, all
 * row-major. {@code A} is stored {@code [m, k]} with row distance {@code lda}, or {@code [k, m]}
 * when {@code transA}; {@code B} is {@code [k, n]}, or {@code [n, k]} when {@code transB}. Leading
 * dimensions and batch strides are in elements; a batch stride of 0 shares an input.
 */
public record GemmShape(
    boolean transA,
    boolean transB,
    int batch,
    int m,
    int n,
    int k,
    long lda,
    long strideA,
    long ldb,
    long strideB,
    long ldc,
    long strideC) {

  public GemmShape {
    if (batch < 0 || m < 0 || n < 0 || k < 0) {
      throw new ShapeException("gemm: negative size in m=" + m + " n=" + n + " k=" + k);
    }
    long needA = transA ? m : k;
    long needB = transB ? k : n;
    if (lda < Math.max(1, needA) || ldb < Math.max(1, needB) || ldc < Math.max(1, n)) {
      throw new ShapeException(
          "gemm: leading dimensions "
              + lda
              + ", "
              + ldb
              + ", "
              + ldc
              + " are shorter than the rows "
              + needA
              + ", "
              + needB
              + ", "
              + n);
    }
    if (strideA < 0 || strideB < 0 || strideC < 0) {
      throw new ShapeException("gemm: negative batch stride");
    }
    if (batch > 1 && strideC < (m == 0 ? 0 : (m - 1) * ldc + n)) {
      throw new ShapeException("gemm: batch stride " + strideC + " makes the products overlap");
    }
  }

  /** One product of packed row-major matrices. */
  public static GemmShape of(boolean transA, boolean transB, int m, int n, int k) {
    return new GemmShape(
        transA,
        transB,
        1,
        m,
        n,
        k,
        Math.max(1, transA ? m : k),
        0,
        Math.max(1, transB ? k : n),
        0,
        Math.max(1, n),
        0);
  }

  /** Multiply-adds times two, over the whole batch. */
  public long flops() {
    return 2L * batch * m * n * k;
  }

  /** Elements that {@code A}, {@code B} and {@code C} must at least have. */
  public long extentA() {
    return transA ? extent(k, m, lda, strideA) : extent(m, k, lda, strideA);
  }

  public long extentB() {
    return transB ? extent(n, k, ldb, strideB) : extent(k, n, ldb, strideB);
  }

  public long extentC() {
    return extent(m, n, ldc, strideC);
  }

  private long extent(long rows, long cols, long ld, long stride) {
    if (batch == 0 || rows == 0 || cols == 0) {
      return 0;
    }
    try {
      return Math.addExact(
          Math.multiplyExact(batch - 1L, stride),
          Math.addExact(Math.multiplyExact(rows - 1, ld), cols));
    } catch (ArithmeticException e) {
      throw new ShapeException("gemm: " + this + " needs more than 2^63 elements", e);
    }
  }

  /**
   * Refuses operands that are shorter than this geometry reads or writes, and a result that lies
   * where an input does: parts of it would be read after they are written.
   *
   * @param input element type of {@code A} and {@code B}
   * @param output element type of {@code C}
   */
  public void check(MemorySegment a, MemorySegment b, DType input, MemorySegment c, DType output) {
    require("A", extentA(), a, input);
    require("B", extentB(), b, input);
    require("C", extentC(), c, output);
    long resultBytes = extentC() * output.bytes();
    separate("A", a, extentA() * input.bytes(), c, resultBytes);
    separate("B", b, extentB() * input.bytes(), c, resultBytes);
  }

  private void require(String operand, long needed, MemorySegment given, DType dtype) {
    long elements = given.byteSize() / dtype.bytes();
    if (needed > elements) {
      throw new ShapeException(
          "gemm: operand "
              + operand
              + " has "
              + elements
              + " elements, "
              + this
              + " needs "
              + needed);
    }
  }

  private void separate(
      String operand, MemorySegment in, long inBytes, MemorySegment out, long outBytes) {
    // Arrays on the heap have no addresses to compare; kernels of users' tensors never see any.
    if (inBytes > 0
        && outBytes > 0
        && in.isNative()
        && out.isNative()
        && in.address() < out.address() + outBytes
        && out.address() < in.address() + inBytes) {
      throw new ShapeException(
          "gemm: the result C overlaps operand "
              + operand
              + " in memory; give the product memory of its own, for "
              + this);
    }
  }
}
