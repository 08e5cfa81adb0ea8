package birkhoff.engine.op.mixed;

import birkhoff.engine.op.fused.LayerNorm;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/**
 * {@link LayerNorm} of float32 x with a bfloat16 result, rounded once. Inputs as there, the
 * parameters float32.
 */
public record MixedLayerNorm(double eps) implements KernelPrimitive {
  @Override
  public String name() {
    return "mixedLayerNorm";
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public boolean restores(int output) {
    return true;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Plan wide = LayerNorm.plan(name(), in);
    Mixed.dtype(name(), in, 0, DType.FLOAT32);
    return new Plan(List.of(Mixed.narrow(in.getFirst())), wide.saved());
  }

  @Override
  public void forward(Execution x, Operands o) {
    NormBlocks.forward(x, o.in(0), null, null, o, 1, eps);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Tensor normed = o.in(0);
    boolean wanted = g.wants(0);
    Cotangents.Target target =
        wanted ? g.into(0) : new Cotangents.Target(x.allocate(normed.spec()), false);
    NormBlocks.backward(x, normed, o, 1, g, target);
    if (!wanted) {
      Execution.release(target.tensor());
    }
  }
}
