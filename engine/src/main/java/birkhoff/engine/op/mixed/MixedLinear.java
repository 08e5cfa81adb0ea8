package birkhoff.engine.op.mixed;

import birkhoff.engine.error.DTypeException;
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
import java.util.List;

/**
 * {@code y[…, out] = x[…, in]·Wᵀ + b} of bfloat16 x. Inputs: x; the weight {@code W[out, in]},
 * float32, which gets the gradient and is not read; its bfloat16 copy, which products read;
 * optionally a float32 bias.
 *
 * @param result FLOAT32 or BFLOAT16
 */
public record MixedLinear(DType result) implements KernelPrimitive {
  private static final int WEIGHT = 1;
  private static final int SHADOW = 2;
  private static final int BIAS = 3;

  public MixedLinear {
    if (result != DType.FLOAT32 && result != DType.BFLOAT16) {
      throw new DTypeException("mixedLinear: the result is float32 or bfloat16, not " + result);
    }
  }

  @Override
  public String name() {
    return "mixedLinear";
  }

  @Override
  public boolean readsInput(int input) {
    return input == 0 || input == SHADOW;
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 3, 4);
    Mixed.dtype(name(), in, 0, DType.BFLOAT16);
    Mixed.shadow(name(), in, WEIGHT, SHADOW);
    Shape x = in.get(0).shape();
    Shape w = in.get(WEIGHT).shape();
    Check.rank(name(), in.get(0), 1);
    Check.that(w.rank() == 2, name(), in, "the weight must be [out, in]");
    Check.that(x.size(-1) == w.size(1), name(), in, "x's last dimension must be the weight's in");
    if (in.size() > BIAS) {
      Mixed.dtype(name(), in, BIAS, DType.FLOAT32);
      Check.shape(name(), "bias", in.get(BIAS), Shape.of(w.size(0)));
    }
    return Plan.of(TensorSpec.of(x.with(-1, w.size(0)), result));
  }

  @Override
  public void forward(Execution x, Operands o) {
    Tensor bias = o.in().length > BIAS ? o.in(BIAS) : null;
    Tensor y = Mixed.matrix(o.out(0));
    Mixed.multiply(x, false, Mixed.matrix(o.in(0)), true, o.in(SHADOW), bias, false, y);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Tensor given = Mixed.matrix(g.of(0));
    Tensor gy = Mixed.narrowed(x, given);
    if (g.wants(WEIGHT)) {
      Cotangents.Target t = g.into(WEIGHT);
      Mixed.multiply(x, true, gy, false, Mixed.matrix(o.in(0)), null, t.accumulate(), t.tensor());
    }
    g.done(0);
    if (g.wants(0)) {
      Cotangents.Target t = g.into(0);
      Tensor gx = Mixed.matrix(t.tensor());
      Mixed.multiply(x, false, gy, false, o.in(SHADOW), null, t.accumulate(), gx);
    }
    if (o.in().length > BIAS && g.wants(BIAS)) {
      Mixed.columnSums(x, given, g.into(BIAS));
    }
    Mixed.free(given, gy);
  }

  @Override
  public long flops(Operands o, boolean backward) {
    return (backward ? 4 : 2) * o.in(0).count() * o.in(WEIGHT).size(0);
  }
}
