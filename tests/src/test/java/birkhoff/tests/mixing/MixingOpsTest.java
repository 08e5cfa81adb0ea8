package birkhoff.tests.mixing;

import static birkhoff.tests.support.RandomArrays.normals;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.Engine;
import birkhoff.engine.autograd.GradCheck;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.MixerMap;
import birkhoff.engine.op.mixing.StreamExpand;
import birkhoff.engine.op.mixing.StreamRead;
import birkhoff.engine.op.mixing.StreamSum;
import birkhoff.engine.op.mixing.StreamWrite;
import birkhoff.engine.op.mixing.StreamWriteRead;
import birkhoff.engine.primitive.Primitive;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gradients, shapes and refusals of the hyper-connection operations. */
class MixingOpsTest {
  private static final double EPS = 1e-6;

  private static Tensor draw(Engine engine, Object key, long... shape) {
    Tensor t = engine.zeros(DType.FLOAT64, shape);
    return t.copyFrom(normals(Seeds.random("ops", key), Math.toIntExact(t.count()), .7));
  }

  private static void check(
      Engine engine, BiFunction<Ops, List<Tensor>, Tensor> f, Tensor... inputs) {
    var report =
        GradCheck.DEFAULT.check(engine.execution(engine.workspace("check")), f, List.of(inputs));
    assertThat(report.derivatives()).isPositive();
  }

  private static BiFunction<Ops, List<Tensor>, Tensor> output(Primitive p, int output) {
    return (ops, in) -> ops.apply(p, in.toArray(Tensor[]::new))[output];
  }

  @ParameterizedTest
  @CsvSource({"1,3", "2,5", "4,7", "5,2"})
  void expandAndSum(int d, int width) {
    try (var engine = Engine.create()) {
      check(engine, output(new StreamExpand(d), 0), draw(engine, "x", 3, width));
      check(engine, output(new StreamSum(), 0), draw(engine, "s", 3, d, width));
      Tensor x = draw(engine, "x", 2, 3, width);
      Ops ops = engine.ops(engine.workspace("forward"));
      Tensor streams = ops.apply(new StreamExpand(d), x)[0];
      assertThat(streams.shape().toString()).isEqualTo("[2, 3, " + d + ", " + width + "]");
      Tensor sum = ops.apply(new StreamSum(), streams)[0];
      assertThat(sum.get(1, 2, 0)).isEqualTo(ops.scale(x, d).get(1, 2, 0));
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,1", "2,2", "3,1", "4,2", "3,3"})
  void mixer(int d, int s) {
    try (var engine = Engine.create()) {
      long p = (long) d * s * (d * s - 1) / 2;
      if (p > 0) {
        check(
            engine, output(new MixerMap(new MixerShape.Cayley(d, s)), 0), draw(engine, "z", p, 5));
      }
    }
  }

  private static Tensor[] readInputs(Engine engine, int d, int p, int width, long tokens) {
    return new Tensor[] {
      draw(engine, "x", tokens, d, width),
      draw(engine, "w", 2L * d + p, (long) d * width),
      draw(engine, "g", 3),
      draw(engine, "b", 2L * d + p)
    };
  }

  @ParameterizedTest
  @CsvSource({"1,0,3", "2,1,4", "4,28,3", "3,3,5"})
  void read(int d, int p, int width) {
    try (var engine = Engine.create()) {
      Tensor[] in = readInputs(engine, d, p, width, 3);
      for (int output = 0; output < (p > 0 ? 3 : 2); output++) {
        check(engine, output(new StreamRead(EPS), output), in);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,3", "2,4", "4,5", "3,2"})
  void write(int d, int width) {
    try (var engine = Engine.create()) {
      check(
          engine,
          output(new StreamWrite(), 0),
          draw(engine, "x", 3, d, width),
          draw(engine, "h", (long) d * d, 3),
          draw(engine, "post", d, 3),
          draw(engine, "f", 3, width));
    }
  }

  private static Tensor mixed(Ops ops, int d, int s, Tensor z) {
    return ops.apply(new MixerMap(new MixerShape.Cayley(d, s)), z)[0];
  }

  /** Two sublayers, in three operations or four. */
  private static Tensor sublayers(Ops ops, List<Tensor> in, int d, int s, boolean fused) {
    Tensor x = ops.add(ops.apply(new StreamExpand(d), in.get(4))[0], in.get(0));
    Tensor w = in.get(1);
    Tensor g = in.get(2);
    Tensor b = in.get(3);
    Tensor[] first = ops.apply(new StreamRead(EPS), x, w, g, b);
    Tensor[] write = {x, mixed(ops, d, s, first[2]), first[1], ops.tanh(first[0])};
    Tensor y;
    Tensor[] second;
    if (fused) {
      Tensor[] both =
          ops.apply(new StreamWriteRead(EPS), write[0], write[1], write[2], write[3], w, g, b);
      y = both[0];
      second = Arrays.copyOfRange(both, 1, 4);
    } else {
      y = ops.apply(new StreamWrite(), write)[0];
      second = ops.apply(new StreamRead(EPS), y, w, g, b);
    }
    Tensor last =
        ops.apply(
                new StreamWrite(), y, mixed(ops, d, s, second[2]), second[1], ops.tanh(second[0]))[
            0];
    return ops.apply(new StreamSum(), last)[0];
  }

  @ParameterizedTest
  @CsvSource({"1,1,3", "2,1,3", "4,2,3", "3,2,4"})
  void sublayers(int d, int s, int width) {
    int p = d * s * (d * s - 1) / 2;
    try (var engine = Engine.create()) {
      Tensor[] operands = {
        readInputs(engine, d, p, width, 3)[0],
        draw(engine, "w", 2L * d + p, (long) d * width),
        draw(engine, "g", 3),
        draw(engine, "b", 2L * d + p),
        draw(engine, "e", 3, width)
      };
      check(engine, (ops, in) -> sublayers(ops, in, d, s, true), operands);
      Ops ops = engine.ops(engine.workspace("step"));
      assertThat(sublayers(ops, List.of(operands), d, s, true).toDoubleArray())
          .usingComparatorWithPrecision(1e-13)
          .containsExactly(sublayers(ops, List.of(operands), d, s, false).toDoubleArray());
    }
  }

  @Test
  void refusals() {
    try (var engine = Engine.create()) {
      Ops ops = engine.ops(engine.workspace("step"));
      Tensor x = draw(engine, "x", 3, 2, 4);
      assertThatThrownBy(() -> ops.apply(new StreamExpand(0), x))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("streamExpand");
      assertThatThrownBy(() -> ops.apply(new MixerMap(new MixerShape.Cayley(2, 2)), x))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("z must be [6, tokens]");
      assertThatThrownBy(() ->
              ops.apply(
                  new StreamRead(EPS),
                  x,
                  draw(engine, "w", 5, 7),
                  draw(engine, "g", 3),
                  draw(engine, "b", 5)))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("the generator must be [2d + P, d·width]");
      Tensor h = draw(engine, "h", 4, 3);
      Tensor f = draw(engine, "f", 3, 4);
      assertThatThrownBy(() -> ops.apply(new StreamWrite(), x, h, draw(engine, "post", 3, 3), f))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("post");
    }
  }
}
