package birkhoff.engine.op.linalg;

import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;
import java.util.Locale;

/**
 * {@code y = f(x·Wᵀ + b)}, with f applied while the sums are in the cache. x is {@code […, in]}, W
 * {@code [out, in]}, b, which may be left out, {@code [out]}.
 *
 * @param op a function whose derivative reads its input
 */
public record LinearUnary(UnaryOp op) implements KernelPrimitive {
  /**
   * @throws IllegalArgumentException when the derivative reads something else
   */
  public LinearUnary {
    if (op.needs() != UnaryOp.Needs.INPUT) {
      throw new IllegalArgumentException(
          "linear with " + op + ": only functions whose derivative reads the input are fused");
    }
  }

  @Override
  public String name() {
    return "linear_" + op.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public boolean readsInput(int input) {
    return input < 2;
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  /** From the sums, which are held for the derivative anyway. */
  @Override
  public boolean restores(int output) {
    return true;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    TensorSpec y = Linear.result(name(), in);
    return recording ? Plan.of(y, y) : Plan.of(y);
  }

  @Override
  public void forward(Execution x, Operands o) {
    Linear.forward(x, o, o.saved().length > 0 ? o.saved(0) : o.out(0), op, o.out(0));
  }

  @Override
  public void restore(Execution x, Operands o, int output) {
    var k = x.kernels().elementwise(o.saved(0).dtype());
    var sums = o.saved(0).data();
    var y = o.out(0).data();
    x.parallel(Partition.elements(o.saved(0).count()), (lo, hi, w) -> k.unary(op, sums, y, lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Tensor gradient = g.own(0);
    var k = x.kernels().elementwise(gradient.dtype());
    var sums = o.saved(0).data();
    var gy = gradient.data();
    x.parallel(
        Partition.elements(gradient.count()),
        (lo, hi, w) -> k.unaryVjp(op, sums, gy, gy, gy, false, lo, hi));
    Linear.backward(x, o, g, gradient);
  }

  @Override
  public long flops(Operands o, boolean backward) {
    return Linear.products(o, backward);
  }
}
