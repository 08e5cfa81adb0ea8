package birkhoff.tests.gradcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.error.DTypeException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.ffi.OneDnn;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Operations of mixed precision against the float64 reference of what they stand for, on numbers
 * that bfloat16 holds exactly. A value that is rounded once is off by 2⁻⁹ of itself at most;
 * results may have been rounded three times on the way (cotangent, inner gradient, result) and are
 * sums that cancel, so the bound is 2⁻⁷ of the largest number.
 */
class MixedOpsTest {
  private static final Bound BOUND = Bound.relativeToLargest(0x1p-7);

  private final Engine reference =
      Engine.create(EngineConfig.defaults().withThreads(2).withKernels("scalar").withDebug(true));
  private final Engine fast =
      Engine.create(OneDnn.config(EngineConfig.defaults().withThreads(2).withDebug(true)));

  @AfterEach
  void close() {
    reference.close();
    fast.close();
  }

  @TestFactory
  Stream<DynamicTest> valuesAndGradientsAreThoseOfTheReference() {
    return MixedCases.all().stream()
        .map(c ->
            DynamicTest.dynamicTest(
                c.name(),
                () -> {
                  List<double[]> expected = run(reference, c, false, false);
                  compare(expected, run(reference, c, true, false));
                  compare(expected, run(fast, c, true, false));
                }));
  }

  private static void compare(List<double[]> expected, List<double[]> got) {
    assertThat(got).hasSameSizeAs(expected);
    for (int i = 0; i < got.size(); i++) {
      Numeric.assertClose("value or gradient " + i, expected.get(i), got.get(i), BOUND);
    }
  }

  @TestFactory
  Stream<DynamicTest> forgettingOperandsChangesNoBit() {
    return MixedCases.all().stream()
        .map(c ->
            DynamicTest.dynamicTest(
                c.name(),
                () -> {
                  List<double[]> expected = run(fast, c, true, false);
                  List<double[]> got = run(fast, c, true, true);
                  for (int i = 0; i < got.size(); i++) {
                    assertThat(got.get(i)).as("%d", i).containsExactly(expected.get(i));
                  }
                }));
  }

  /** The outputs and the gradients of a loss that weights them. */
  private static List<double[]> run(
      Engine engine, MixedCases.Case c, boolean mixed, boolean forget) {
    var random = Seeds.random("mixed", c.name());
    DType floating = mixed ? DType.FLOAT32 : DType.FLOAT64;
    var numbers = new ArrayList<double[]>();
    try (Workspace ws = engine.workspace("test")) {
      Tape tape = engine.tape(ws);
      Ops ops = tape.ops();
      var leaves = new ArrayList<Tensor>();
      var in = new ArrayList<Tensor>();
      Tensor shadow = null;
      for (MixedCases.In operand : c.in()) {
        DType type = operand.narrow() && mixed ? DType.BFLOAT16 : floating;
        Tensor leaf = engine.zeros(type, operand.shape());
        leaf.copyFrom(rounded(random, Math.toIntExact(leaf.count())));
        leaves.add(tape.watch(leaf));
        // So that there is an operand to forget.
        in.add(ops.unary(UnaryOp.NEG, leaf));
        if (in.size() == 2) {
          shadow = engine.zeros(DType.BFLOAT16, operand.shape());
          shadow.copyFrom(in.get(1).toDoubleArray());
        }
      }
      Tensor[] out = (mixed ? c.mixed() : c.wide()).apply(ops, in, shadow);
      Tensor loss = null;
      for (Tensor t : out) {
        numbers.add(t.toDoubleArray());
        Tensor wide = wide(engine, ops, t);
        Tensor weights = engine.zeros(floating, wide.shape().toArray());
        weights.copyFrom(rounded(random, Math.toIntExact(weights.count())));
        Tensor sum = ops.sum(ops.mul(wide, weights));
        loss = loss == null ? sum : ops.add(loss, sum);
      }
      if (forget) {
        ops.forget(in.toArray(Tensor[]::new));
        ops.forget(out);
      }
      Gradients g = tape.backward(loss);
      leaves.forEach(t -> numbers.add(g.of(t).toDoubleArray()));
    }
    return numbers;
  }

  /** The same numbers in float32: a product with the identity. */
  private static Tensor wide(Engine engine, Ops ops, Tensor t) {
    if (t.dtype() != DType.BFLOAT16) {
      return t;
    }
    long n = t.size(-1);
    Tensor identity = engine.zeros(DType.FLOAT32, n, n);
    Tensor shadow = engine.zeros(DType.BFLOAT16, n, n);
    for (long i = 0; i < n; i++) {
      identity.set(1, i, i);
      shadow.set(1, i, i);
    }
    return ops.mixedLinear(t, identity, shadow, null, DType.FLOAT32);
  }

  private static double[] rounded(SplittableRandom random, int count) {
    float[] values = RandomArrays.floats(random, count, 1);
    double[] rounded = new double[count];
    for (int i = 0; i < count; i++) {
      rounded[i] = DType.fromBfloat16(DType.toBfloat16(values[i]));
    }
    return rounded;
  }

  @Test
  void aBfloat16ValueThatIsUsedTwiceGathersBothGradients() {
    try (Workspace ws = fast.workspace("test")) {
      Tape tape = fast.tape(ws);
      Tensor x = fast.zeros(DType.BFLOAT16, 1, 2);
      x.copyFrom(1, -2);
      tape.watch(x);
      Tensor w = fast.tensor(new float[] {3, 4}, 1, 2);
      Tensor shadow = fast.zeros(DType.BFLOAT16, 1, 2);
      shadow.copyFrom(3, 4);
      Tensor negative = tape.ops().unary(UnaryOp.NEG, x);
      Tensor a = tape.ops().mixedLinear(x, w, shadow, null, DType.FLOAT32);
      Tensor b = tape.ops().mixedLinear(negative, w, shadow, null, DType.FLOAT32);
      Tensor loss = tape.ops().sum(tape.ops().add(tape.ops().scale(a, 3), b));
      Gradients g = tape.backward(loss);
      assertThat(g.of(x).dtype()).isEqualTo(DType.BFLOAT16);
      assertThat(g.of(x).toDoubleArray()).containsExactly(6, 8);
    }
  }

  @Test
  void dropoutMasksDifferFromSequenceToSequence() {
    try (Workspace ws = fast.workspace("test")) {
      Tensor qkv = fast.zeros(DType.BFLOAT16, 2, 40, 24);
      qkv.copyFrom(rounded(Seeds.random("twice"), 2 * 40 * 24));
      qkv.slice(0, 1, 2).copyFrom(qkv.slice(0, 0, 1).toDoubleArray());
      Tensor y = fast.ops(ws).causalAttention(qkv, 2, 0.5, 9);
      assertThat(y.slice(0, 0, 1).toDoubleArray()).isNotEqualTo(y.slice(0, 1, 2).toDoubleArray());
    }
  }

  @Test
  void wrongTypesAndShapesAreRefused() {
    try (Workspace ws = reference.workspace("test")) {
      Ops ops = reference.ops(ws);
      Tensor x = reference.zeros(DType.BFLOAT16, 2, 3);
      Tensor wide = reference.zeros(DType.FLOAT32, 2, 3);
      Tensor w = reference.zeros(DType.FLOAT32, 4, 3);
      Tensor shadow = reference.zeros(DType.BFLOAT16, 4, 3);
      Tensor other = reference.zeros(DType.BFLOAT16, 3, 4);
      assertThatThrownBy(() -> ops.mixedLinear(wide, w, shadow, null, DType.FLOAT32))
          .isInstanceOf(DTypeException.class)
          .hasMessageContainingAll("mixedLinear", "input 0", "bfloat16");
      assertThatThrownBy(() -> ops.mixedLinear(x, shadow, shadow, null, DType.FLOAT32))
          .isInstanceOf(DTypeException.class)
          .hasMessageContainingAll("mixedLinear", "input 1", "float32");
      assertThatThrownBy(() -> ops.mixedLinear(x, w, other, null, DType.FLOAT32))
          .isInstanceOf(ShapeException.class)
          .hasMessageContainingAll("mixedLinear", "bfloat16 copy", "[4, 3]");
      assertThatThrownBy(() -> ops.mixedLinear(x, w, shadow, null, DType.FLOAT64))
          .isInstanceOf(DTypeException.class)
          .hasMessageContaining("FLOAT64");
      assertThatThrownBy(() -> ops.mixedLayerNorm(x, null, null, 1e-5))
          .isInstanceOf(DTypeException.class)
          .hasMessageContaining("Norm");
      assertThatThrownBy(() -> ops.layerNorm(x, null, null, 1e-5))
          .isInstanceOf(DTypeException.class);
      assertThatThrownBy(() -> ops.causalAttention(x, 1, 0, 0))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("[2, 3]");
      Tensor ids = reference.ids(new int[] {0, 4}, 2);
      assertThatThrownBy(() -> ops.mixedLinearCrossEntropy(wide, w, shadow, ids))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("id 4 at position 1");
    }
  }
}
