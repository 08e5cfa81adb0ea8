package birkhoff.engine.primitive;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Layout;
import birkhoff.engine.tensor.Tensor;

/** Moves elements between strided and contiguous memory. */
public final class Moves {
  private Moves() {}

  /** Copies a strided tensor of any type to contiguous memory of its shape. */
  public static void copy(Execution x, Tensor from, Tensor to) {
    // INT32 elements are moved as float32 bit patterns.
    DType type = from.dtype() == DType.INT32 ? DType.FLOAT32 : from.dtype();
    var k = x.kernels().elementwise(type);
    var runs = new Strided(from.layout(), from.layout());
    var src = from.data();
    var dst = to.data();
    runs.forEach(x, (a, b, out, n) -> k.copy(src, a, runs.incrementA(), dst, out, 1, n));
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
    if (!whole.accumulate()) {
      var all = whole.tensor();
      x.parallel(Partition.elements(all.count()), (lo, hi, w) -> k.fill(0, all.data(), lo, hi));
    }
    Tensor old = x.allocate(g.spec());
    copy(x, part, old);
    x.parallel(
        Partition.elements(g.count()), (lo, hi, w) -> k.axpby(1, g.data(), 1, old.data(), lo, hi));
    var dst = part.data();
    var src = old.data();
    var runs = new Strided(part.layout(), Layout.contiguous(g.shape()));
    runs.forEach(x, (a, b, out, n) -> k.copy(src, out, 1, dst, a, runs.incrementA(), n));
    Execution.release(old);
  }
}
