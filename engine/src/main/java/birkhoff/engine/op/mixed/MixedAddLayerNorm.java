package birkhoff.engine.op.mixed;

import birkhoff.engine.op.fused.AddLayerNorm;
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
 * {@link AddLayerNorm} of float32 x and branch: {@code y = layerNorm(x + branch)}, rounded to
 * bfloat16, and the float32 {@code sum = x + branch}.
 */
public record MixedAddLayerNorm(double eps) implements KernelPrimitive {
  @Override
  public String name() {
    return "mixedAddLayerNorm";
  }

  @Override
  public boolean readsInput(int input) {
    return input > 1;
  }

  @Override
  public boolean readsOutput(int output) {
    return output == 1;
  }

  @Override
  public boolean restores(int output) {
    return output == 0;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Plan wide = AddLayerNorm.plan(name(), in);
    Mixed.dtype(name(), in, 0, DType.FLOAT32);
    return new Plan(List.of(Mixed.narrow(in.getFirst()), in.getFirst()), wide.saved());
  }

  @Override
  public void forward(Execution x, Operands o) {
    NormBlocks.forward(x, o.in(0), o.in(1), o.out(1), o, 2, eps);
  }

  /** The norm of the sum, which lives on: no addition. */
  @Override
  public void restore(Execution x, Operands o, int output) {
    NormBlocks.forward(x, o.out(1), null, null, o, 2, eps);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    boolean fromSum = g.of(1) != null;
    Tensor total = fromSum ? g.own(1) : x.allocate(o.out(1).spec());
    if (g.of(0) != null) {
      NormBlocks.backward(x, o.out(1), o, 2, g, new Cotangents.Target(total, fromSum));
    }
    for (int i = 0; i < 2; i++) {
      if (g.wants(i)) {
        g.give(i, total);
      }
    }
  }
}
