package birkhoff.tests.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Recompute;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Numeric;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** A recomputed block gives the same numbers as the block itself, in less memory. */
class RecomputeTest extends EngineFixture {
  /** Runs a block in place or recomputed. */
  private interface Run {
    Tensor block(Ops ops, Function<Ops, Tensor> block);
  }

  private void sameNumbers(BiFunction<Ops, Run, Tensor> f, Tensor... leaves) {
    List<double[]> direct = numbers(f, (ops, block) -> block.apply(ops), leaves);
    List<double[]> again = numbers(f, Recompute::block, leaves);
    assertThat(again).hasSameSizeAs(direct);
    assertThat(again.getFirst()).containsExactly(direct.getFirst());
    // Gradients of a tensor with several uses are added in another order.
    for (int i = 1; i < direct.size(); i++) {
      Numeric.assertClose("gradient " + i, direct.get(i), again.get(i), Bound.relative(1e-13));
    }
  }

  private List<double[]> numbers(BiFunction<Ops, Run, Tensor> f, Run run, Tensor... leaves) {
    var numbers = new ArrayList<double[]>();
    Tape tape = tape();
    List.of(leaves).forEach(tape::watch);
    Tensor y = f.apply(tape.ops(), run);
    numbers.add(y.toDoubleArray());
    Gradients g = tape.backward(y, leaf("cotangent", y.shape().toArray()));
    for (Tensor t : leaves) {
      numbers.add(g.of(t).toDoubleArray());
    }
    workspace.reset();
    return numbers;
  }

  @Test
  void valuesAndGradientsAreEqual() {
    Tensor x = leaf("x", 3, 4);
    Tensor w = leaf("w", 4, 4);
    sameNumbers(
        (ops, run) -> {
          Tensor h = ops.exp(x);
          Tensor y =
              run.block(
                  ops,
                  o ->
                      o.dropout(
                          o.geluTanh(o.linear(o.layerNorm(h, null, null, 0.1), w, null)), 0.4, 7));
          return ops.add(ops.linear(y, w, null), h);
        },
        x,
        w);
  }

  @Test
  void inputsMayBeViewedInsideTheBlock() {
    Tensor x = leaf("x", 3, 4);
    sameNumbers(
        (ops, run) ->
            run.block(
                ops,
                o -> {
                  Tensor t = o.transpose(x, 0, 1);
                  Tensor part = o.slice(t, 0, 1, 3);
                  return o.matmul(part, o.tanh(x));
                }),
        x);
  }

  @Test
  void aBlockMayReturnAnInputOrAViewOfOne() {
    Tensor x = leaf("x", 3, 4);
    sameNumbers(
        (ops, run) -> {
          Tensor h = ops.exp(x);
          Tensor same = run.block(ops, o -> h);
          Tensor view = run.block(ops, o -> o.transpose(h, 0, 1));
          Tensor late = ops.tanh(h);
          return ops.matmul(ops.mul(same, late), view);
        },
        x);
  }

  @Test
  void aBlockMayReturnAStridedViewOfItsOwn() {
    Tensor x = leaf("x", 3, 4);
    sameNumbers(
        (ops, run) -> ops.exp(run.block(ops, o -> o.transpose(o.tanh(o.square(x)), 0, 1))), x);
  }

  @Test
  void blocksNest() {
    Tensor x = leaf("x", 3, 3);
    Tensor y = leaf("y", 3, 3);
    sameNumbers(
        (ops, run) ->
            run.block(
                ops,
                outer -> {
                  Tensor a = outer.matmul(x, y);
                  Tensor b =
                      run.block(outer, inner -> inner.mul(inner.tanh(inner.exp(a)), inner.tanh(x)));
                  return outer.add(outer.square(b), a);
                }),
        x,
        y);
  }

  @Test
  void oneTensorMayFeedSeveralBlocks() {
    Tensor x = leaf("x", 6);
    sameNumbers(
        (ops, run) -> {
          Tensor h = ops.exp(x);
          Tensor a = run.block(ops, o -> o.add(h, x));
          Tensor b = run.block(ops, o -> o.mul(o.tanh(h), h));
          return ops.add(ops.add(a, b), h);
        },
        x);
  }

  @Test
  void aBlockOfConstantsIsAConstant() {
    Tensor x = leaf("x", 3);
    Tensor c = leaf("c", 3);
    sameNumbers((ops, run) -> ops.mul(x, run.block(ops, o -> o.exp(o.square(c)))), x);
  }

  @Test
  void withoutATapeTheBlockJustRuns() {
    Tensor x = leaf("x", 1000);
    Ops ops = engine.ops(workspace);
    double[] expected = ops.tanh(ops.exp(x)).toDoubleArray();
    workspace.reset();
    Tensor first = Recompute.block(ops, o -> o.tanh(o.exp(x)));
    long peak = workspace.peak();
    Tensor second = Recompute.block(ops, o -> o.tanh(o.exp(first)));
    assertThat(workspace.peak() - peak).isLessThanOrEqualTo(8064);
    assertThat(first.toDoubleArray()).containsExactly(expected);
    assertThat(second.toDoubleArray()).hasSize(1000);
  }

  @Test
  void aDeepNetworkTakesLessMemory() {
    Tensor x = leaf("x", 4096);
    long direct = peak((ops, block) -> block.apply(ops), x);
    long again = peak(Recompute::block, x);
    assertThat(again).isLessThan(direct / 2);
  }

  private long peak(Run run, Tensor x) {
    try (var own = engine.workspace("deep")) {
      Tape tape = engine.tape(own);
      tape.watch(x);
      Tensor h = x;
      for (int block = 0; block < 8; block++) {
        Tensor in = h;
        h =
            run.block(
                tape.ops(),
                o -> {
                  Tensor t = in;
                  for (int i = 0; i < 8; i++) {
                    t = o.tanh(t);
                  }
                  return t;
                });
      }
      tape.backward(tape.ops().sum(h));
      return own.peak();
    }
  }
}
