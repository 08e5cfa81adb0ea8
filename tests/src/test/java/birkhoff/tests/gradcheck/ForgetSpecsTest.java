package birkhoff.tests.gradcheck;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What every primitive declares about its operands holds: giving up all its inputs and outputs in
 * the forward pass changes no bit of a gradient. An operand read against the declaration is stale,
 * one restored wrongly changes the gradient of its square.
 */
class ForgetSpecsTest {
  private final Engine reference =
      Engine.create(EngineConfig.defaults().withThreads(2).withKernels("scalar").withDebug(true));
  private final Engine fast = Engine.create(EngineConfig.defaults().withThreads(2).withDebug(true));

  @AfterEach
  void close() {
    reference.close();
    fast.close();
  }

  private enum What {
    NOTHING,
    INPUTS_FIRST,
    OUTPUTS_FIRST
  }

  @TestFactory
  Stream<DynamicTest> gradientsKeepTheirBits() {
    return OpSpecs.all().stream()
        .filter(OpSpec::differentiable)
        .map(spec -> DynamicTest.dynamicTest(spec.name(), () -> check(spec)));
  }

  private void check(OpSpec spec) {
    for (OpSpec.Case c : spec.cases()) {
      for (DType type : List.of(DType.FLOAT64, DType.FLOAT32)) {
        Engine engine = type == DType.FLOAT64 ? reference : fast;
        List<double[]> expected = gradients(engine, type, spec, c, What.NOTHING);
        for (What what : List.of(What.INPUTS_FIRST, What.OUTPUTS_FIRST)) {
          List<double[]> got = gradients(engine, type, spec, c, what);
          for (int i = 0; i < got.size(); i++) {
            assertThat(got.get(i))
                .as("%s %s %s: gradient %d", c.operands(), type, what, i)
                .containsExactly(expected.get(i));
          }
        }
      }
    }
  }

  private static List<double[]> gradients(
      Engine engine, DType type, OpSpec spec, OpSpec.Case c, What what) {
    var random = Seeds.random(spec.name(), c.operands().toString());
    try (Workspace ws = engine.workspace("test")) {
      Tape tape = engine.tape(ws);
      Ops ops = tape.ops();
      var leaves = new ArrayList<Tensor>();
      var in = new ArrayList<Tensor>();
      for (Operand o : c.operands()) {
        Tensor leaf = engine.zeros(o.dtype(type), o.shape());
        leaf.copyFrom(o.draw(random, o.shape()));
        if (leaf.dtype().isFloating()) {
          leaves.add(tape.watch(leaf));
          in.add(ops.scale(leaf, 1));
        } else {
          in.add(leaf);
        }
      }
      Tensor[] out = c.call().apply(ops, in);
      Tensor loss = null;
      for (Tensor t : out) {
        Tensor square = ops.sum(ops.square(t));
        loss = loss == null ? square : ops.add(loss, square);
      }
      if (what == What.OUTPUTS_FIRST) {
        ops.forget(out);
      }
      if (what != What.NOTHING) {
        ops.forget(in.toArray(Tensor[]::new));
      }
      if (what == What.INPUTS_FIRST) {
        ops.forget(out);
      }
      Gradients g = tape.backward(loss);
      return leaves.stream().map(t -> g.of(t).toDoubleArray()).toList();
    }
  }
}
