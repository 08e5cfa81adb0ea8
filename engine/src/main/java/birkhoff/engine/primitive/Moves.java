package birkhoff.engine.primitive;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Layout;
import birkhoff.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Moves elements between strided and contiguous memory. */
public final class Moves {
  private Moves() {}

  /** Copies a strided tensor of any type to contiguous memory of its shape. */
  public static void copy(Execution x, Tensor from, Tensor to) {
    if (from.count() == 1 && Cell.holds(from.dtype())) {
      // A scalar of a step: too seldom for the vector kernel to be compiled, which then boxes.
      Cell source = Cell.of(from);
      Cell target = Cell.of(to);
      x.serial(() -> target.set(source.get()));
      return;
    }
    var runs = new Strided(from.layout(), from.layout());
    var src = from.data();
    var dst = to.data();
    if (from.dtype() == DType.INT32) {
      runs.forEach(x, (a, b, out, n) -> copyInts(src, a, runs.incrementA(), dst, out, n));
      return;
    }
    if (from.dtype() == DType.BFLOAT16) {
      runs.forEach(x, (a, b, out, n) -> copyShorts(src, a, runs.incrementA(), dst, out, n));
      return;
    }
    var k = x.kernels().elementwise(from.dtype());
    runs.forEach(x, (a, b, out, n) -> k.copy(src, a, runs.incrementA(), dst, out, 1, n));
  }

  /** Not as float32 bit patterns: arithmetic kernels may change those that are NaNs. */
  private static void copyInts(
      MemorySegment src, long from, long inc, MemorySegment dst, long to, long n) {
    for (long i = 0; i < n; i++) {
      dst.setAtIndex(JAVA_INT, to + i, src.getAtIndex(JAVA_INT, from + i * inc));
    }
  }

  private static void copyShorts(
      MemorySegment src, long from, long inc, MemorySegment dst, long to, long n) {
    for (long i = 0; i < n; i++) {
      dst.setAtIndex(JAVA_SHORT, to + i, src.getAtIndex(JAVA_SHORT, from + i * inc));
    }
  }

  /** Adds (or writes) the strided view {@code g}, which has the target's shape, to the target. */
  public static void put(Execution x, Tensor g, Cotangents.Target t) {
    var k = x.kernels().elementwise(g.dtype());
    var src = g.data();
    var dst = t.tensor().data();
    var runs = new Strided(g.layout(), Layout.contiguous(g.shape()));
    runs.forEach(
        x,
        (a, b, out, n) -> {
          if (t.accumulate()) {
            k.binary(BinaryOp.ADD, src, a, runs.incrementA(), dst, out, 1, dst, out, n);
          } else {
            k.copy(src, a, runs.incrementA(), dst, out, 1, n);
          }
        });
  }

  /** Adds contiguous {@code g} to the strided part {@code part} of the target. */
  public static void putPart(Execution x, Tensor g, Tensor part, Cotangents.Target whole) {
    var k = x.kernels().elementwise(g.dtype());
    var dst = part.data();
    var runs = new Strided(part.layout(), Layout.contiguous(g.shape()));
    if (!whole.accumulate()) {
      var given = g.data();
      x.fill(whole.tensor(), 0);
      runs.forEach(x, (a, b, out, n) -> k.copy(given, out, 1, dst, a, runs.incrementA(), n));
      return;
    }
    Tensor old = x.allocate(g.spec());
    copy(x, part, old);
    x.add(g, 1, old);
    var src = old.data();
    runs.forEach(x, (a, b, out, n) -> k.copy(src, out, 1, dst, a, runs.incrementA(), n));
    Execution.release(old);
  }
}
