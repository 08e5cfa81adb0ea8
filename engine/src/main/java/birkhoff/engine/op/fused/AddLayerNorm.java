package birkhoff.engine.op.fused;

import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/**
 * A residual add and the layer norm that follows, in one pass over memory. Inputs: x, branch,
 * gamma, optionally beta; outputs: {@code y = layerNorm(x + branch)} and {@code sum = x + branch}.
 */
public record AddLayerNorm(double eps) implements KernelPrimitive {
  @Override
  public String name() {
    return "addLayerNorm";
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
    return plan(name(), in);
  }

  /** Shared with its twin of mixed precision, whose name errors then have. */
  public static Plan plan(String name, List<TensorSpec> in) {
    Check.inputs(name, in, 2, 4);
    NormShapes.check(name, in, 2);
    TensorSpec x = in.getFirst();
    Check.shape(name, "branch", in.get(1), x.shape());
    return new Plan(List.of(x, x), List.of(NormShapes.perRow(x), NormShapes.perRow(x)));
  }

  @Override
  public void forward(Execution x, Operands o) {
    var k = x.kernels().normalization(o.in(0).dtype());
    var in = o.in(0).data();
    var branch = o.in(1).data();
    var gamma = o.in().length > 2 ? o.in(2).data() : null;
    var beta = o.in().length > 3 ? o.in(3).data() : null;
    var y = o.out(0).data();
    var sum = o.out(1).data();
    var mean = o.saved(0).data();
    var rstd = o.saved(1).data();
    int cols = NormShapes.cols(o.in(0));
    x.parallel(
        NormShapes.partition(o.in(0)),
        (lo, hi, w) ->
            k.addLayerNorm(in, branch, sum, gamma, beta, y, mean, rstd, cols, eps, lo, hi));
  }

  /** The norm of the sum, which lives on: no addition. */
  @Override
  public void restore(Execution x, Operands o, int output) {
    LayerNorm.forward(x, o.out(1), o, 2, eps);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    boolean fromSum = g.of(1) != null;
    Tensor total = fromSum ? g.own(1) : x.allocate(o.out(1).spec());
    if (g.of(0) != null) {
      LayerNorm.backward(x, o.out(1), o, 2, g, new Cotangents.Target(total, fromSum));
    }
    for (int i = 0; i < 2; i++) {
      if (g.wants(i)) {
        g.give(i, total);
      }
    }
  }
}
