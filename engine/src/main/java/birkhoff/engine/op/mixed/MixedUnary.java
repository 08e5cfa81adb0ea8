package birkhoff.engine.op.mixed;

import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;
import java.util.Locale;

/** {@code y = f(x)} of bfloat16 elements, worked out in float32 and rounded once. */
public record MixedUnary(UnaryOp op) implements KernelPrimitive {
  @Override
  public String name() {
    return "mixed_" + op.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public boolean readsInput(int input) {
    return op.needs() == UnaryOp.Needs.INPUT;
  }

  @Override
  public boolean readsOutput(int output) {
    return op.needs() == UnaryOp.Needs.OUTPUT;
  }

  /** From the input, where it is there for the derivative anyway. */
  @Override
  public boolean restores(int output) {
    return readsInput(0);
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 1, 1);
    Mixed.dtype(name(), in, 0, DType.BFLOAT16);
    return Plan.of(in.getFirst());
  }

  @Override
  public void forward(Execution x, Operands o) {
    var k = x.kernels().bfloat16(DType.FLOAT32);
    var in = o.in(0).data();
    var out = o.out(0).data();
    x.parallel(Partition.elements(o.out(0).count()), (lo, hi, w) -> k.unary(op, in, out, lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    var k = x.kernels().bfloat16(DType.FLOAT32);
    Tensor target = g.own(0);
    var memory = target.data();
    // The kernel reads the one that the derivative needs; the other may be gone.
    var saved = readsInput(0) ? o.in(0).data() : readsOutput(0) ? o.out(0).data() : memory;
    x.parallel(
        Partition.elements(target.count()),
        (lo, hi, w) -> k.unaryVjp(op, saved, memory, memory, lo, hi));
    g.give(0, target);
  }
}
