package birkhoff.tests.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.autograd.GradCheck;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.error.DifferentiationException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.error.StaleTensorException;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;
import java.util.List;
import java.util.function.BiFunction;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** How gradients flow: reuse, fan-out, views, refusals, lifetimes. */
class TapeTest extends EngineFixture {
  private void gradCheck(BiFunction<Ops, List<Tensor>, Tensor> f, Tensor... inputs) {
    GradCheck.Report report =
        GradCheck.DEFAULT.check(engine.execution(workspace), f, List.of(inputs));
    assertThat(report.derivatives()).isPositive();
  }

  @Test
  void oneTensorUsedTwiceAddsUp() {
    Tensor x = leaf("x", 3, 3);
    gradCheck((o, in) -> o.mul(in.get(0), in.get(0)), x);
    gradCheck((o, in) -> o.matmul(in.get(0), in.get(0)), x);
    gradCheck((o, in) -> o.add(in.get(0), in.get(0)), x);
    gradCheck((o, in) -> o.sub(in.get(0), in.get(0)), x);
    gradCheck((o, in) -> o.linear(in.get(0), in.get(0), null), x);
  }

  @Test
  void diamondsAndFanOutDoNotCorruptSharedGradients() {
    Tensor x = leaf("x", 4);
    Tensor y = leaf("y", 4);
    // add hands one gradient to both inputs, and each of them gathers more.
    gradCheck(
        (o, in) -> {
          Tensor a = o.exp(in.get(0));
          Tensor b = o.tanh(in.get(1));
          Tensor s = o.add(a, b);
          return o.add(o.mul(o.add(s, a), s), o.add(b, s));
        },
        x,
        y);
    gradCheck(
        (o, in) -> {
          Tensor s = o.add(in.get(0), in.get(1));
          Tensor t = o.add(s, in.get(0));
          return o.add(o.add(t, s), o.add(t, in.get(1)));
        },
        x,
        y);
    gradCheck(
        (o, in) -> {
          Tensor r = o.reshape(o.exp(in.get(0)), 2, 2);
          Tensor turned = o.reshape(o.contiguous(o.transpose(r, 0, 1)), 4);
          return o.add(o.add(o.reshape(r, 4), in.get(0)), turned);
        },
        x);
  }

  @Test
  void gradientsThatShareMemoryAreBothRight() {
    Tensor x = leaf("x", 5);
    Tensor y = leaf("y", 5);
    Tape tape = tape();
    tape.watch(x);
    tape.watch(y);
    Ops o = tape.ops();
    Tensor loss = o.sum(o.add(o.add(x, y), o.scale(x, 3)));
    Gradients g = tape.backward(loss);
    assertThat(g.of(x).toDoubleArray()).containsOnly(4);
    assertThat(g.of(y).toDoubleArray()).containsOnly(1);
  }

  @Test
  void fusedOutputsMayBeUsedOneAtATimeOrShared() {
    Tensor x = leaf("x", 3, 4);
    Tensor b = leaf("b", 3, 4);
    Tensor gamma = leaf("gamma", 4);
    gradCheck(
        (o, in) -> o.addLayerNorm(in.get(0), in.get(1), in.get(2), null, 0.1)[0], x, b, gamma);
    gradCheck(
        (o, in) -> o.addLayerNorm(in.get(0), in.get(1), in.get(2), null, 0.1)[1], x, b, gamma);
    // Both outputs get one gradient memory, and the sum lives on beside its norm.
    gradCheck(
        (o, in) -> {
          Tensor[] out = o.addLayerNorm(in.get(0), in.get(1), in.get(2), null, 0.1);
          return o.add(o.add(out[0], out[1]), o.mul(in.get(0), out[1]));
        },
        x,
        b,
        gamma);
  }

  @Test
  void onlyWhatIsWatchedGetsAGradient() {
    Tensor x = leaf("x", 3, 4);
    Tensor gamma = leaf("gamma", 4);
    for (int mask = 1; mask < 4; mask++) {
      Tape tape = tape();
      if ((mask & 1) != 0) {
        tape.watch(x);
      }
      if ((mask & 2) != 0) {
        tape.watch(gamma);
      }
      Ops o = tape.ops();
      Tensor n = o.add(o.layerNorm(x, gamma, null, 0.1), o.rmsNorm(x, gamma, 0.1));
      Gradients g = tape.backward(o.sum(o.mul(n, n)));
      Tensor watched = (mask & 1) != 0 ? x : gamma;
      assertThat(g.of(watched).toDoubleArray()).doesNotContain(0, Double.NaN);
      if (mask != 3) {
        Tensor other = watched.equals(x) ? gamma : x;
        assertThatThrownBy(() -> g.of(other))
            .isInstanceOf(DifferentiationException.class)
            .hasMessageContaining("not watched");
      }
      workspace.reset();
    }
  }

  @Test
  void unusedWatchedTensorsGetZeros() {
    Tensor x = leaf("x", 3);
    Tensor unused = leaf("unused", 2, 2);
    Tape tape = tape();
    tape.watch(unused);
    tape.watch(tape.watch(x));
    Gradients g = tape.backward(tape.ops().sum(x));
    assertThat(g.of(unused).toDoubleArray()).hasSize(4).containsOnly(0);
    assertThat(g.of(x).toDoubleArray()).containsOnly(1);
  }

  @Test
  void intermediateResultsCanBeWatched() {
    Tensor x = leaf("x", 3);
    Tape tape = tape();
    tape.watch(x);
    Ops o = tape.ops();
    Tensor y = tape.watch(o.scale(x, 2));
    Gradients g = tape.backward(o.sum(o.add(o.scale(y, 3), y)));
    assertThat(g.of(y).toDoubleArray()).containsOnly(4);
    assertThat(g.of(x).toDoubleArray()).containsOnly(8);
  }

  @Test
  void watchedViewsAreLeaves() {
    Tensor x = leaf("x", 3, 4);
    Tensor column = x.slice(1, 1, 2);
    Tape tape = tape();
    tape.watch(column);
    Gradients g = tape.backward(tape.ops().sum(tape.ops().square(column)));
    double[] expected = column.toDoubleArray();
    for (int i = 0; i < expected.length; i++) {
      assertThat(g.of(column).get(i, 0)).isEqualTo(2 * expected[i]);
    }
  }

  @Test
  void aViewTakenOutsideTheTapeIsRefused() {
    Tensor x = leaf("x", 3, 4);
    Tape tape = tape();
    tape.watch(x);
    assertThatThrownBy(() -> tape.ops().exp(x.t()))
        .isInstanceOf(DifferentiationException.class)
        .hasMessageContainingAll("exp", "float64[4, 3]", "outside the tape", "tape.ops()");
    Tensor y = tape.ops().exp(x);
    assertThatThrownBy(() -> tape.ops().sum(y.slice(0, 0, 1)))
        .isInstanceOf(DifferentiationException.class)
        .hasMessageContaining("outside the tape");
  }

  @Test
  void integerTensorsAreNotDifferentiated() {
    Tensor ids = engine.ids(new int[] {1, 0, 1}, 3);
    Tape tape = tape();
    assertThatThrownBy(() -> tape.watch(ids))
        .isInstanceOf(DifferentiationException.class)
        .hasMessageContaining("int32[3]");
    Tensor table = leaf("table", 2, 2);
    tape.watch(table);
    Tensor rows = tape.ops().embedding(table, tape.ops().slice(ids, 0, 0, 2));
    assertThat(tape.backward(tape.ops().sum(rows)).of(table).toDoubleArray()).containsOnly(1);
  }

  @Test
  void bitPatternsOfIntegersSurviveCopies() {
    int[] patterns = {0x7f800001, 0xff800001, -1, Integer.MIN_VALUE, 0x7fbfffff, 7};
    Tensor ids = engine.ids(patterns, 3, 2);
    Tensor copy = engine.ops(workspace).contiguous(ids.t());
    assertThat(copy.shape().toArray()).containsExactly(2, 3);
    for (int i = 0; i < 6; i++) {
      assertThat((int) copy.get(i % 2, i / 2)).isEqualTo(patterns[i]);
    }
  }

  @Test
  void secondDerivativesAreRefused() {
    Tensor x = leaf("x", 3);
    Tape tape = tape();
    tape.watch(x);
    Tensor loss = tape.ops().sum(tape.ops().exp(x));
    Tensor gradient = tape.backward(loss).of(x);
    assertThatThrownBy(() -> tape.ops().sum(gradient))
        .isInstanceOf(DifferentiationException.class)
        .hasMessageContaining("second derivatives are not supported");
    assertThatThrownBy(() -> tape.backward(loss))
        .isInstanceOf(DifferentiationException.class)
        .hasMessageContaining("second derivatives");
    assertThatThrownBy(() -> tape.watch(gradient)).isInstanceOf(DifferentiationException.class);
    Tape another = tape();
    another.watch(x);
    Tensor norm = another.ops().sum(another.ops().square(gradient));
    assertThatThrownBy(() -> another.backward(norm))
        .isInstanceOf(DifferentiationException.class)
        .hasMessageContaining("does not depend on a watched tensor");
  }

  @Test
  void backwardRefusesWhatItCannotStartFrom() {
    Tensor x = leaf("x", 2, 3);
    Tape tape = tape();
    tape.watch(x);
    Tensor y = tape.ops().exp(x);
    assertThatThrownBy(() -> tape.backward(y))
        .isInstanceOf(ShapeException.class)
        .hasMessageContainingAll("backward", "[2, 3]", "reduce");
    assertThatThrownBy(() -> tape.backward(y, leaf("c", 3, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContainingAll("[3, 2]", "[2, 3]");
    Tensor constant = engine.ops(workspace).sum(leaf("k", 2));
    assertThatThrownBy(() -> tape.backward(constant)).isInstanceOf(DifferentiationException.class);
    // None of these has used the tape up.
    assertThat(tape.backward(tape.ops().sum(y)).of(x).toDoubleArray())
        .containsExactly(engine.ops(workspace).exp(x).toDoubleArray());
  }

  @Test
  void backwardScalesAndTakesStridedCotangents() {
    Tensor x = leaf("x", 2, 3);
    Tape first = tape();
    first.watch(x);
    assertThat(first.backward(first.ops().sum(x), -2.5).of(x).toDoubleArray()).containsOnly(-2.5);
    Tape second = tape();
    second.watch(x);
    Tensor c = leaf("c", 3, 2);
    Gradients g = second.backward(second.ops().scale(x, 2), c.t());
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 3; j++) {
        assertThat(g.of(x).get(i, j)).isEqualTo(2 * c.get(j, i));
      }
    }
  }

  @Test
  void activationsAreReleasedUnlessKept() {
    Tensor x = leaf("x", 3);
    Tape tape = tape();
    tape.watch(x);
    Ops o = tape.ops();
    Tensor a = o.exp(x);
    Tensor b = tape.keep(o.square(a));
    Tensor view = o.reshape(o.tanh(b), 3, 1);
    tape.keep(view);
    Tensor loss = o.sum(view);
    double before = loss.item();
    double[] kept = b.toDoubleArray();
    double[] viewed = view.toDoubleArray();
    tape.backward(loss);
    assertThat(loss.item()).isEqualTo(before);
    assertThat(b.toDoubleArray()).containsExactly(kept);
    assertThat(view.toDoubleArray()).containsExactly(viewed);
    assertThatThrownBy(a::toDoubleArray)
        .isInstanceOf(StaleTensorException.class)
        .hasMessageContainingAll("float64[3]", "released", "keep()");
    assertThatThrownBy(() -> engine.ops(workspace).exp(a))
        .isInstanceOf(StaleTensorException.class)
        .hasMessageContaining("exp");
    assertThat(a.toString()).contains("float64[3]", "released");
  }

  @Test
  void aSpentTapeRefusesAllWork() {
    Tensor x = leaf("x", 3);
    Tensor later = leaf("later", 3);
    Tape tape = tape();
    tape.watch(x);
    Tensor y = tape.ops().exp(x);
    tape.backward(y, leaf("c", 3));
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> tape.watch(later),
            () -> tape.forget(later),
            () -> tape.backward(y, leaf("c", 3)))) {
      assertThatThrownBy(call)
          .isInstanceOf(DifferentiationException.class)
          .hasMessageContaining("walked backward");
    }
  }

  @Test
  void whatIsGoneIsNeitherWatchedNorACotangent() {
    Tensor gone = engine.ops(workspace).exp(leaf("x", 3));
    workspace.reset();
    Tape tape = tape();
    assertThatThrownBy(() -> tape.watch(gone))
        .isInstanceOf(StaleTensorException.class)
        .hasMessageContaining("watch");
    Tensor y = tape.ops().exp(tape.watch(leaf("x", 3)));
    assertThatThrownBy(() -> tape.backward(y, gone))
        .isInstanceOf(StaleTensorException.class)
        .hasMessageContaining("backward");
    Tape forgetful = tape();
    Tensor z = forgetful.ops().scale(forgetful.watch(leaf("x", 3)), 2);
    forgetful.forget(z);
    assertThatThrownBy(() -> forgetful.backward(z, leaf("c", 3)))
        .isInstanceOf(StaleTensorException.class)
        .hasMessageContaining("backward");
  }

  /** All but gradients: shared ones, copies, what was saved, restored and kept by nobody. */
  @Test
  void whatABackwardPassLeavesIsFreeForTheNext() {
    Tensor x = leaf("x", 16, 64);
    Tensor gain = leaf("gain", 1);
    Tensor gamma = leaf("gamma", 64);
    long peak = 0;
    for (int step = 0; step < 60; step++) {
      Tape tape = tape();
      tape.watch(gain);
      Ops o = tape.ops();
      Tensor y = o.mul(x, o.broadcastTo(o.reshape(gain, 1, 1), 16, 64));
      Tensor n = o.layerNorm(y, gamma, null, 0.1);
      Tensor s = o.add(y, n);
      Tensor t = o.add(o.add(s, y), o.exp(o.add(n, o.reshape(y, 16, 64))));
      Tensor u = o.gelu(o.matmul(t, o.transpose(t, 0, 1)));
      tape.forget(n);
      Tensor loss = o.sum(u);
      assertThat(tape.backward(loss).of(gain).get(0)).isFinite();
      if (step == 30) {
        peak = workspace.peak();
      }
    }
    // Losses and gradients of one element each.
    assertThat(workspace.peak() - peak).isLessThan(16 * 64 * Double.BYTES);
  }

  @Test
  void nullInputsAreNamed() {
    Tensor x = leaf("x", 3);
    assertThatThrownBy(() -> engine.ops(workspace).add(x, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("add: input 1");
  }
}
