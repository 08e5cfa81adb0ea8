package birkhoff.perf.jmh;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.kernel.Elementwise;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.kernel.UnaryOp;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Functions of {@code elements} numbers: 32,768 are a block of the op layer. */
public class ElementwiseBenchmark extends KernelState {
  @Param({"EXP", "GELU_TANH", "GELU_ERF"})
  public UnaryOp function;

  @Param({"32768", "6291456"})
  public int elements;

  private Elementwise kernel;
  private MemorySegment a;
  private MemorySegment b;
  private MemorySegment out;

  /** For JMH. */
  public ElementwiseBenchmark() {}

  @Setup
  public void setUp() {
    kernel = kernel(Role.ELEMENTWISE, Elementwise.class);
    a = normals(elements, 1);
    b = normals(elements, 2);
    out = normals(elements, 3);
  }

  @Benchmark
  public void unary() {
    kernel.unary(function, a, out, 0, elements);
  }

  @Benchmark
  public void unaryVjp() {
    kernel.unaryVjp(function, a, a, b, out, false, 0, elements);
  }

  @Benchmark
  public void add() {
    kernel.binary(BinaryOp.ADD, a, 0, 1, b, 0, 1, out, 0, elements);
  }
}
