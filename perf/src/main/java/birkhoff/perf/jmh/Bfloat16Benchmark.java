package birkhoff.perf.jmh;

import birkhoff.engine.kernel.Bfloat16;
import birkhoff.engine.kernel.Bfloat16.ProductShape;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.kernel.UnaryOp;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Conversions and functions of {@code elements} bfloat16 numbers, and the product of one row with
 * 768 rows of 768 weights in bfloat16.
 */
public class Bfloat16Benchmark extends KernelState {
  private static final ProductShape ONE_ROW = new ProductShape(1, 768, 768);

  @Param({"GELU_TANH"})
  public UnaryOp function;

  @Param({"32768", "6291456"})
  public int elements;

  private Bfloat16 kernel;
  private MemorySegment wide;
  private MemorySegment x;
  private MemorySegment y;
  private MemorySegment weights;
  private MemorySegment row;
  private MemorySegment scratch;

  /** For JMH. */
  public Bfloat16Benchmark() {}

  @Setup
  public void setUp() {
    kernel = kernel(Role.BFLOAT16, Bfloat16.class);
    wide = normals(elements, 1);
    x = scratch(2L * elements);
    y = scratch(2L * elements);
    kernel.narrow(wide, 0, x, 0, elements);
    long count = (long) ONE_ROW.n() * ONE_ROW.k();
    weights = scratch(2 * count);
    kernel.narrow(normals(count, 2), 0, weights, 0, count);
    row = normals(ONE_ROW.k(), 3);
    scratch = scratch(kernel.scratchBytes(ONE_ROW));
  }

  @Benchmark
  public void narrow() {
    kernel.narrow(wide, 0, y, 0, elements);
  }

  @Benchmark
  public void widen() {
    kernel.widen(x, 0, wide, 0, elements);
  }

  @Benchmark
  public void unary() {
    kernel.unary(function, x, y, 0, elements);
  }

  @Benchmark
  public void unaryVjp() {
    kernel.unaryVjp(function, x, x, y, 0, elements);
  }

  @Benchmark
  public void product() {
    kernel.product(ONE_ROW, row, weights, null, wide, scratch, 0, ONE_ROW.n());
  }
}
