package birkhoff.tests.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Recompute;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.error.StaleTensorException;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Forgotten results: when their memory comes back, and that no gradient notices. */
class ForgetTest extends EngineFixture {
  /** Forgets, or not. */
  @FunctionalInterface
  private interface Forget {
    void forget(Ops ops, Tensor... results);
  }

  private void sameBits(BiFunction<Ops, Forget, Tensor> f, Tensor... leaves) {
    List<double[]> held = numbers(f, (ops, results) -> {}, leaves);
    List<double[]> forgotten = numbers(f, Ops::forget, leaves);
    for (int i = 0; i < held.size(); i++) {
      assertThat(forgotten.get(i)).as("number %d", i).containsExactly(held.get(i));
    }
  }

  private List<double[]> numbers(
      BiFunction<Ops, Forget, Tensor> f, Forget forget, Tensor... leaves) {
    var numbers = new ArrayList<double[]>();
    Tape tape = tape();
    List.of(leaves).forEach(tape::watch);
    Tensor y = f.apply(tape.ops(), forget);
    numbers.add(y.toDoubleArray());
    Gradients g = tape.backward(y, leaf("cotangent", y.shape().toArray()));
    for (Tensor t : leaves) {
      numbers.add(g.of(t).toDoubleArray());
    }
    workspace.reset();
    return numbers;
  }

  private static boolean released(Tensor t) {
    return t.lifetime().invalidReason() != null;
  }

  @Test
  void oneResultForSeveralReadersAndThroughViews() {
    Tensor x = leaf("x", 3, 4);
    Tensor v = leaf("v", 5, 4);
    Tensor w = leaf("w", 2, 6);
    sameBits(
        (ops, forget) -> {
          Tensor h = ops.gelu(x);
          Tensor a = ops.linear(h, v, null);
          Tensor view = ops.reshape(h, 2, 6);
          Tensor b = ops.linear(view, w, null);
          forget.forget(ops, view);
          return ops.add(ops.sum(a), ops.sum(ops.square(b)));
        },
        x,
        v,
        w);
  }

  @Test
  void aForgottenResultRestoredFromAForgottenResult() {
    Tensor x = leaf("x", 3, 4);
    Tensor w = leaf("w", 5, 4);
    sameBits(
        (ops, forget) -> {
          Tensor h = ops.gelu(x);
          Tensor n = ops.layerNorm(h, null, null, 1e-5);
          Tensor y = ops.linear(n, w, null);
          forget.forget(ops, h, n);
          return y;
        },
        x,
        w);
  }

  @Test
  void memoryComesBackAtOnceWhereTheBackwardPassAllows() {
    Tape tape = tape();
    Tensor x = tape.watch(leaf("x", 3, 4));
    Tensor w = leaf("w", 4, 4);
    Ops ops = tape.ops();
    Tensor restorable = ops.gelu(x);
    Tensor read = ops.linear(restorable, w, null);
    Tensor unread = ops.mul(read, read);
    Tensor end = ops.sum(unread);
    ops.forget(restorable, read, unread, x);
    assertThat(released(restorable)).isTrue();
    assertThat(released(read)).as("the product's gradient reads it").isFalse();
    assertThat(released(unread)).isTrue();
    assertThat(released(x)).isFalse();
    assertThatThrownBy(() -> ops.neg(unread))
        .isInstanceOf(StaleTensorException.class)
        .hasMessageContaining("forget");
    assertThat(tape.backward(end).of(x).toDoubleArray()).doesNotContain(Double.NaN);
  }

  @Test
  void whatIsKeptOrNotRecordedIsLeftAlone() {
    Tape tape = tape();
    Tensor x = tape.watch(leaf("x", 3));
    Tensor kept = tape.keep(tape.ops().gelu(x));
    Tensor loss = tape.ops().sum(kept);
    tape.ops().forget(kept);
    tape.backward(loss);
    assertThat(released(kept)).isFalse();

    Tape other = tape();
    other.watch(x);
    Tensor constant = other.ops().exp(leaf("c", 3));
    Tensor product = other.ops().mul(x, constant);
    other.ops().forget(constant);
    assertThat(released(constant)).as("read by the product's gradient").isFalse();
    Tensor unused = other.ops().exp(leaf("c", 3));
    other.ops().forget(unused);
    assertThat(released(unused)).isTrue();
    other.backward(other.ops().sum(product));
  }

  @Test
  void withoutATapeItIsARelease() {
    Ops ops = engine.ops(workspace);
    Tensor leaf = leaf("x", 3);
    Tensor y = ops.exp(leaf);
    ops.forget(leaf, y);
    assertThat(released(leaf)).isFalse();
    assertThat(released(y)).isTrue();
  }

  @Test
  void recomputedBlocksForgetInsideAndHoldWhatTheyRead() {
    Tensor x = leaf("x", 3, 4);
    Tensor w = leaf("w", 4, 4);
    sameBits(
        (ops, forget) -> {
          Tensor h = ops.gelu(x);
          Tensor y =
              Recompute.block(
                  ops,
                  o -> {
                    Tensor inner = o.gelu(o.linear(h, w, null));
                    Tensor z = o.linear(inner, w, null);
                    forget.forget(o, inner, h);
                    return z;
                  });
          forget.forget(ops, h);
          return ops.square(y);
        },
        x,
        w);
  }
}
