package birkhoff.tests.mixing;

import static birkhoff.tests.support.RandomArrays.normals;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.Engine;
import birkhoff.engine.autograd.GradCheck;
import birkhoff.engine.error.DifferentiationException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.MixerMap;
import birkhoff.engine.op.mixing.StreamExpand;
import birkhoff.engine.op.mixing.StreamRead;
import birkhoff.engine.op.mixing.StreamSum;
import birkhoff.engine.op.mixing.StreamWrite;
import birkhoff.engine.primitive.Primitive;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Seeds;
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
          output(new StreamWrite(EPS), 0),
          draw(engine, "x", 3, d, width),
          draw(engine, "h", (long) d * d, 3),
          draw(engine, "post", d, 3),
          draw(engine, "f", 3, width));
    }
  }

  /** Two sublayers: the second one reads with the statistic that the first one's write left. */
  @ParameterizedTest
  @CsvSource({"1,1,3", "2,1,3", "4,2,3", "3,2,4"})
  void sublayers(int d, int s, int width) {
    int p = d * s * (d * s - 1) / 2;
    try (var engine = Engine.create()) {
      check(
          engine,
          (ops, in) -> {
            Tensor x = ops.apply(new StreamExpand(d), in.get(4))[0];
            x = ops.add(x, in.get(0));
            Tensor rrms = null;
            for (int layer = 0; layer < 2; layer++) {
              Tensor[] operands = {x, in.get(1), in.get(2), in.get(3), rrms};
              Tensor[] maps =
                  ops.apply(
                      new StreamRead(EPS),
                      rrms == null ? java.util.Arrays.copyOf(operands, 4) : operands);
              Tensor h = ops.apply(new MixerMap(new MixerShape.Cayley(d, s)), maps[2])[0];
              Tensor[] y = ops.apply(new StreamWrite(EPS), x, h, maps[1], ops.tanh(maps[0]));
              x = y[0];
              rrms = y[1];
            }
            return ops.apply(new StreamSum(), x)[0];
          },
          readInputs(engine, d, p, width, 3)[0],
          draw(engine, "w", 2L * d + p, (long) d * width),
          draw(engine, "g", 3),
          draw(engine, "b", 2L * d + p),
          draw(engine, "e", 3, width));
    }
  }

  /** A given statistic changes nothing but the number of passes. */
  @Test
  void readWithAndWithoutTheStatisticAgree() {
    try (var engine = Engine.create()) {
      Ops ops = engine.ops(engine.workspace("step"));
      Tensor[] y =
          ops.apply(
              new StreamWrite(EPS),
              draw(engine, "x", 6, 4, 5),
              draw(engine, "h", 16, 6),
              draw(engine, "post", 4, 6),
              draw(engine, "f", 6, 5));
      Tensor[] in = readInputs(engine, 4, 6, 5, 6);
      Tensor[] own = ops.apply(new StreamRead(EPS), y[0], in[1], in[2], in[3]);
      Tensor[] given = ops.apply(new StreamRead(EPS), y[0], in[1], in[2], in[3], y[1]);
      for (int i = 0; i < 3; i++) {
        assertThat(given[i].toDoubleArray())
            .usingComparatorWithPrecision(1e-13)
            .containsExactly(own[i].toDoubleArray());
      }
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
      assertThatThrownBy(() -> ops.apply(new StreamWrite(EPS), x, h, draw(engine, "post", 3, 3), f))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("post");
      var tape = engine.tape(engine.workspace("tape"));
      tape.watch(x);
      Tensor[] y = tape.ops().apply(new StreamWrite(EPS), x, h, draw(engine, "post", 2, 3), f);
      Tensor sum = tape.ops().sum(y[1]);
      assertThatThrownBy(() -> tape.backward(sum))
          .isInstanceOf(DifferentiationException.class)
          .hasMessageContaining("statistic");
    }
  }
}
