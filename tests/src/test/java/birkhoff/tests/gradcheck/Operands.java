package birkhoff.tests.gradcheck;

import birkhoff.engine.Engine;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

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

  /**
   * All outputs, then the gradients of all floating operands for a random cotangent.
   *
   * @param prepare changes the drawn numbers before they are used
   */
  static List<double[]> numbers(
      Engine engine,
      DType type,
      OpSpec spec,
      OpSpec.Case c,
      Arrangement a,
      SplittableRandom random,
      Consumer<List<Tensor>> prepare) {
    var numbers = new ArrayList<double[]>();
    try (Workspace ws = engine.workspace("test")) {
      List<Tensor> bases = bases(engine, type, c, a, random);
      prepare.accept(bases);
      Tape tape = engine.tape(ws);
      List<Tensor> watched =
          spec.differentiable()
              ? bases.stream().filter(t -> t.dtype().isFloating()).toList()
              : List.of();
      watched.forEach(tape::watch);
      Tensor[] out = c.call().apply(tape.ops(), views(tape.ops(), bases, c, a));
      for (Tensor t : out) {
        numbers.add(t.toDoubleArray());
      }
      if (watched.isEmpty()) {
        return numbers;
      }
      Tensor result = mix(tape.ops(), out, (1 << out.length) - 1);
      Tensor cotangent = engine.zeros(type, result.shape().toArray());
      cotangent.copyFrom(Operand.any().draw(random, result.shape().toArray()));
      Gradients g = tape.backward(result, cotangent);
      watched.forEach(t -> numbers.add(g.of(t).toDoubleArray()));
    }
    return numbers;
  }
}
