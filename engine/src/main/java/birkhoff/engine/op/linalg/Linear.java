package birkhoff.engine.op.linalg;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.kernel.Epilogue;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.op.reduce.Sums;
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
    return Plan.of(result(name(), in));
  }

  /** The shape rule. */
  static TensorSpec result(String name, List<TensorSpec> in) {
    Check.inputs(name, in, 2, 3);
    var dtype = Check.floating(name, in);
    Shape x = in.get(0).shape();
    Shape w = in.get(1).shape();
    Check.rank(name, in.get(0), 1);
    Check.that(w.rank() == 2, name, in, "the weight must be [out, in]");
    Check.that(x.size(-1) == w.size(1), name, in, "x's last dimension must be the weight's in");
    if (in.size() == 3) {
      Check.shape(name, "bias", in.get(2), Shape.of(w.size(0)));
    }
    return TensorSpec.of(x.with(-1, w.size(0)), dtype);
  }

  @Override
  public void forward(Execution x, Operands o) {
    forward(x, o, o.out(0), null, null);
  }

  /**
   * Shared with {@link LinearUnary}.
   *
   * @param sums of products and bias
   * @param op what is done with the sums, into {@code y}; null for nothing
   */
  static void forward(Execution x, Operands o, Tensor sums, UnaryOp op, Tensor y) {
    var k = x.kernels().elementwise(sums.dtype());
    var s = sums.data();
    var bias = o.in().length == 3 ? o.in(2).data() : null;
    var result = op == null ? null : y.data();
    Epilogue epilogue =
        (first, column, n) -> {
          if (bias != null) {
            k.binary(BinaryOp.ADD, s, first, 1, bias, column, 1, s, first, n);
          }
          if (op != null) {
            k.unary(op, s, result, first, first + n);
          }
        };
    boolean plain = bias == null && op == null;
    Products.multiply(x, matrix(o.in(0)), o.in(1).t(), matrix(sums), plain ? null : epilogue);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    backward(x, o, g, g.of(0));
  }

  /**
   * Shared with {@link LinearUnary}; {@code gradient} is that of the sums. The weight's gradient
   * comes first: it is the last to read x, whose memory x's gradient may take.
   */
  static void backward(Execution x, Operands o, Cotangents g, Tensor gradient) {
    Tensor gy = matrix(gradient);
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
    return products(o, backward);
  }

  static long products(Operands o, boolean backward) {
    return (backward ? 4 : 2) * o.in(0).count() * o.in(1).size(0);
  }

  private static long rows(Tensor t) {
    return t.shape().without(-1).count();
  }

  private static Tensor matrix(Tensor t) {
    return t.reshape(rows(t), t.size(-1));
  }
}
