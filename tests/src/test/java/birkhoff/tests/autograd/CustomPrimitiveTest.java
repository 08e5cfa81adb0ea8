package birkhoff.tests.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.autograd.GradCheck;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.error.DifferentiationException;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.primitive.ViewPrimitive;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Primitives from outside the engine work like its own, and their mistakes are told. */
class CustomPrimitiveTest extends EngineFixture {
  /** {@code y = x³·exp(x)}, which saves x². */
  private record CubeExp(double error) implements KernelPrimitive {
    @Override
    public String name() {
      return "cubeExp";
    }

    @Override
    public Plan plan(List<TensorSpec> in, boolean recording) {
      return Plan.of(in.getFirst(), in.getFirst());
    }

    @Override
    public void forward(Execution x, Operands o) {
      x.parallel(
          Partition.elements(o.in(0).count()),
          (lo, hi, w) -> {
            for (long i = lo; i < hi; i++) {
              double v = o.in(0).get(i);
              o.saved(0).set(v * v, i);
              o.out(0).set(v * v * v * Math.exp(v), i);
            }
          });
    }

    @Override
    public void vjp(Execution x, Operands o, Cotangents g) {
      Cotangents.Target t = g.into(0);
      for (long i = 0; i < t.tensor().count(); i++) {
        double df = 3 * o.saved(0).get(i) * Math.exp(o.in(0).get(i)) + o.out(0).get(i) + error;
        t.tensor().set((t.accumulate() ? t.tensor().get(i) : 0) + df * g.of(0).get(i), i);
      }
    }
  }

  @Test
  void itsGradientIsChecked() {
    Tensor x = leaf("x", 5);
    var report =
        GradCheck.DEFAULT.check(
            engine.execution(workspace),
            (o, in) -> o.mul(o.apply(new CubeExp(0), in.get(0))[0], in.get(0)),
            List.of(x));
    assertThat(report.derivatives()).isEqualTo(5);
    assertThat(report.worst()).isLessThanOrEqualTo(1);
  }

  @Test
  void aWrongGradientIsFound() {
    double[] before = leaf("x", 5).toDoubleArray();
    Tensor x = leaf("x", 5);
    assertThatThrownBy(() ->
            GradCheck.DEFAULT.check(
                engine.execution(workspace),
                (o, in) -> o.apply(new CubeExp(1e-4), in.get(0))[0],
                List.of(x)))
        .isInstanceOf(DifferentiationException.class)
        .hasMessageContainingAll("gradcheck", "input 0", "float64[5]", "element 0");
    assertThat(x.toDoubleArray()).containsExactly(before);
  }

  @Test
  void theCheckRefusesInputsThatItCannotPerturb() {
    Tensor single = engine.tensor(new float[] {1}, 1);
    Tensor repeated = leaf("x", 1).broadcastTo(birkhoff.engine.tensor.Shape.of(3));
    for (Tensor t : List.of(single, repeated)) {
      assertThatThrownBy(() ->
              GradCheck.DEFAULT.check(
                  engine.execution(workspace), (o, in) -> o.exp(in.get(0)), List.of(t)))
          .isInstanceOf(DifferentiationException.class)
          .hasMessageContaining("gradcheck: input");
    }
  }

  /** Gives its input, which is not wanted, a gradient of the wrong shape. */
  private record Careless(int input, boolean wrongShape) implements KernelPrimitive {
    @Override
    public String name() {
      return "careless";
    }

    @Override
    public Plan plan(List<TensorSpec> in, boolean recording) {
      return Plan.of(in.getFirst());
    }

    @Override
    public void forward(Execution x, Operands o) {
      o.out(0).copyFrom(o.in(0).toDoubleArray());
    }

    @Override
    public void vjp(Execution x, Operands o, Cotangents g) {
      Tensor gy = g.of(0);
      g.give(input, wrongShape ? gy.slice(0, 0, 1) : gy);
    }
  }

  @Test
  void gradientsForTheWrongInputOrOfTheWrongShapeAreRefused() {
    Tensor x = leaf("x", 3);
    Tensor constant = leaf("c", 3);
    Tape wrongInput = tape();
    wrongInput.watch(x);
    Tensor y = wrongInput.ops().apply(new Careless(1, false), x, constant)[0];
    assertThatThrownBy(() -> wrongInput.backward(y, constant))
        .isInstanceOf(DifferentiationException.class)
        .hasMessageContainingAll("careless", "input 1", "wants");
    Tape wrongShape = tape();
    wrongShape.watch(x);
    Tensor z = wrongShape.ops().apply(new Careless(0, true), x, constant)[0];
    assertThatThrownBy(() -> wrongShape.backward(z, constant))
        .isInstanceOf(DifferentiationException.class)
        .hasMessageContainingAll("careless", "[1]", "float64[3]");
  }

  private record Same() implements ViewPrimitive {
    @Override
    public String name() {
      return "same";
    }

    @Override
    public Tensor view(Tensor in) {
      return in;
    }

    @Override
    public void vjp(Execution x, Operands o, Cotangents g) {
      g.give(0, g.of(0));
    }
  }

  @Test
  void aViewMustBeANewTensor() {
    Tensor x = leaf("x", 3);
    Tape tape = tape();
    tape.watch(x);
    assertThatThrownBy(() -> tape.ops().apply(new Same(), x))
        .isInstanceOf(DifferentiationException.class)
        .hasMessageContainingAll("same", "new one");
  }
}
