package birkhoff.tests.gradcheck;

import birkhoff.engine.Engine;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The tensors of a case: random storage, and the views of it that an operation is given. */
final class Operands {
  private Operands() {}

  static List<Tensor> bases(
      Engine engine, DType type, OpSpec.Case c, Arrangement a, SplittableRandom random) {
    var bases = new ArrayList<Tensor>();
    for (Operand o : c.operands()) {
      long[] shape = a.base(o.shape());
      Tensor t = engine.zeros(o.dtype(type), shape);
      bases.add(t.copyFrom(o.draw(random, shape)));
    }
    return bases;
  }

  static List<Tensor> views(Ops ops, List<Tensor> bases, OpSpec.Case c, Arrangement a) {
    var views = new ArrayList<Tensor>();
    for (int i = 0; i < bases.size(); i++) {
      views.add(a.view(ops, bases.get(i), c.operands().get(i).shape()));
    }
    return views;
  }

  /**
   * One tensor that depends on the outputs whose bits are set.
   *
   * @param mask at least one bit
   */
  static Tensor mix(Ops ops, Tensor[] out, int mask) {
    Tensor sum = null;
    for (int i = 0; i < out.length; i++) {
      if ((mask >> i & 1) != 0) {
        sum = sum == null ? out[i] : ops.add(ops.scale(sum, -0.5), out[i]);
      }
    }
    return sum;
  }
}
