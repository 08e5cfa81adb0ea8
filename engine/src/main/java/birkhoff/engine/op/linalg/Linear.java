package birkhoff.engine.op.linalg;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.op.reduce.Sums;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/**
 * {@code y[…, out] = x[…, in]·Wᵀ + b} with weights {@code W[out, in]} and an optional bias {@code
 * b[out]}.
 */
public record Linear() implements KernelPrimitive {
  @Override
  public String name() {
    return "linear";
  }

  @Override
  public boolean readsInput(int input) {
    return input < 2;
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 2, 3);
    var dtype = Check.floating(name(), in);
    Shape x = in.get(0).shape();
    Shape w = in.get(1).shape();
    Check.rank(name(), in.get(0), 1);
    Check.that(w.rank() == 2, name(), in, "the weight must be [out, in]");
    Check.that(x.size(-1) == w.size(1), name(), in, "x's last dimension must be the weight's in");
    if (in.size() == 3) {
      Check.shape(name(), "bias", in.get(2), Shape.of(w.size(0)));
    }
    return Plan.of(TensorSpec.of(x.with(-1, w.size(0)), dtype));
  }

  @Override
  public void forward(Execution x, Operands o) {
    Tensor y = o.out(0).reshape(rows(o.out(0)), o.out(0).size(-1));
    Products.multiply(x, matrix(o.in(0)), o.in(1).t(), y, false);
    if (o.in().length == 3) {
      var k = x.kernels().elementwise(y.dtype());
      long cols = y.size(1);
      var out = y.data();
      var bias = o.in(2).data();
      x.parallel(
          Partition.rows(y.size(0), cols),
          (lo, hi, w) -> {
            for (long r = lo; r < hi; r++) {
              k.binary(BinaryOp.ADD, out, r * cols, 1, bias, 0, 1, out, r * cols, cols);
            }
          });
    }
  }

  /** The weight's gradient first: it is the last to read x, whose memory x's gradient may take. */
  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Tensor gy = matrix(g.of(0));
    if (g.wants(1)) {
      Cotangents.Target t = g.into(1);
      Products.multiply(x, gy.t(), matrix(o.in(0)), t.tensor(), t.accumulate());
    }
    g.done(0);
    if (g.wants(0)) {
      Cotangents.Target t = g.into(0);
      Products.multiply(x, gy, o.in(1), matrix(t.tensor()), t.accumulate());
    }
    if (o.in().length == 3 && g.wants(2)) {
      Cotangents.Target t = g.into(2);
      Sums.columns(x, gy, gy.size(0), gy.size(1), t.tensor().data(), t.accumulate());
    }
  }

  @Override
  public long flops(Operands o, boolean backward) {
    return (backward ? 4 : 2) * o.in(0).count() * o.in(1).size(0);
  }

  private static long rows(Tensor t) {
    return t.shape().without(-1).count();
  }

  private static Tensor matrix(Tensor t) {
    return t.reshape(rows(t), t.size(-1));
  }
}
