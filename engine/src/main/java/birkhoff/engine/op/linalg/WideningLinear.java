package birkhoff.engine.op.linalg;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.kernel.Bfloat16.ProductShape;
import birkhoff.engine.op.reduce.Sums;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link Linear} with weights stored in bfloat16: {@code y[…, out] = x[…, in]·Wᵀ + b}. They are
 * widened as they are read; x, b, y and the sums are of a floating type. The weights get no
 * gradient.
 */
public record WideningLinear() implements KernelPrimitive {
  @Override
  public String name() {
    return "wideningLinear";
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 2, 3);
    var others = new ArrayList<TensorSpec>(in);
    TensorSpec weight = others.remove(1);
    var dtype = Check.floating(name(), others);
    if (weight.dtype() != DType.BFLOAT16) {
      throw new DTypeException(name() + ": the weight is " + weight + ", bfloat16 is needed");
    }
    Shape x = in.getFirst().shape();
    Shape w = weight.shape();
    Check.rank(name(), in.getFirst(), 1);
    Check.that(w.rank() == 2, name(), in, "the weight must be [out, in]");
    Check.that(x.size(-1) == w.size(1), name(), in, "x's last dimension must be the weight's in");
    if (in.size() == 3) {
      Check.shape(name(), "bias", in.get(2), Shape.of(w.size(0)));
    }
    return Plan.of(TensorSpec.of(x.with(-1, w.size(0)), dtype));
  }

  @Override
  public void forward(Execution x, Operands o) {
    var k = x.kernels().bfloat16(o.out(0).dtype());
    Tensor weight = o.in(1);
    var shape =
        new ProductShape(
            Check.intSize(name(), o.in(0).shape().without(-1).count()),
            Check.intSize(name(), weight.size(0)),
            Check.intSize(name(), weight.size(1)));
    long bytes = k.scratchBytes(shape);
    var in = o.in(0).data();
    var w = weight.data();
    var bias = o.in().length == 3 ? o.in(2).data() : null;
    var y = o.out(0).data();
    var team = x.team();
    var cut = shape.pieces(team.size());
    team.run(
        cut.pieces(),
        (piece, worker) ->
            k.product(
                shape, in, w, bias, y, team.scratch(worker, bytes), cut.lo(piece), cut.hi(piece)));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Tensor gy = matrix(g.of(0));
    if (g.wants(0)) {
      Cotangents.Target t = g.into(0);
      Tensor wide = widened(x, o.in(1), gy.dtype());
      Products.multiply(x, gy, wide, matrix(t.tensor()), t.accumulate());
      Execution.release(wide);
    }
    if (o.in().length == 3 && g.wants(2)) {
      Cotangents.Target t = g.into(2);
      Sums.columns(x, gy, gy.size(0), gy.size(1), t.tensor().data(), t.accumulate());
    }
  }

  private static Tensor widened(Execution x, Tensor weight, DType dtype) {
    Tensor wide = x.allocate(TensorSpec.of(weight.shape(), dtype));
    var k = x.kernels().bfloat16(dtype);
    var from = weight.data();
    var to = wide.data();
    x.parallel(
        Partition.elements(weight.count()), (lo, hi, w) -> k.widen(from, lo, to, lo, hi - lo));
    return wide;
  }

  @Override
  public long flops(Operands o, boolean backward) {
    return 2 * o.in(0).count() * o.in(1).size(0);
  }

  private static Tensor matrix(Tensor t) {
    return t.reshape(t.shape().without(-1).count(), t.size(-1));
  }
}
