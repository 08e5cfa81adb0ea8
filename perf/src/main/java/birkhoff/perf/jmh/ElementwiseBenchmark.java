package birkhoff.perf.jmh;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.kernel.Elementwise;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.kernel.UnaryOp;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Functions of {@code elements} numbers: 32,768 are a block of the op layer. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
@State(Scope.Thread)
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
