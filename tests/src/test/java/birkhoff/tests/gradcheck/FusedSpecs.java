package birkhoff.tests.gradcheck;

import static birkhoff.tests.gradcheck.Operand.any;
import static birkhoff.tests.gradcheck.Operand.ids;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.op.fused.AddLayerNorm;
import birkhoff.engine.op.fused.CausalAttention;
import birkhoff.engine.op.fused.CrossEntropy;
import birkhoff.engine.op.fused.LayerNorm;
import birkhoff.engine.op.fused.LinearCrossEntropy;
import birkhoff.engine.op.fused.LogSoftmax;
import birkhoff.engine.op.fused.RmsNorm;
import birkhoff.engine.op.fused.Softmax;
import birkhoff.engine.op.linalg.Linear;
import birkhoff.engine.op.linalg.LinearUnary;
import birkhoff.engine.op.linalg.MatMul;
import birkhoff.engine.primitive.Primitive;
import birkhoff.engine.tensor.DType;
import java.util.Arrays;
import java.util.List;

/** Products, normalizations, attention and losses. */
final class FusedSpecs {
  private static final double EPS = 0.1;

  private FusedSpecs() {}

  static List<OpSpec> all() {
    return List.of(
        matmul(),
        linear(),
        linearUnary(),
        layerNorm(),
        addLayerNorm(),
        rmsNorm(),
        rows(Softmax.class, "softmax", (ops, in) -> ops.softmax(in.get(0)), Formulas::softmax),
        rows(
            LogSoftmax.class,
            "logSoftmax",
            (ops, in) -> ops.logSoftmax(in.get(0)),
            row -> Arrays.stream(Formulas.softmax(row)).map(Math::log).toArray()),
        attention(),
        crossEntropy(),
        linearCrossEntropy());
  }

  private static OpSpec matmul() {
    OpSpec.One call = (ops, in) -> ops.matmul(in.get(0), in.get(1));
    var spec = OpSpec.of(MatMul.class, "matmul");
    long[][][] pairs = {
      {{1, 1}, {1, 1}},
      {{3, 4}, {4, 5}},
      {{1, 7}, {7, 1}},
      {{7, 1}, {1, 7}},
      {{2, 3, 4}, {4, 2}},
      {{3, 4}, {2, 4, 2}},
      {{2, 3, 4}, {2, 4, 2}},
      {{2, 1, 2, 3}, {3, 3, 2}},
      // A size of 1 between two batch dimensions, of which the outer one is repeated.
      {{2, 1, 3, 2, 2}, {1, 1, 3, 2, 2}},
      {{2, 1, 3, 2, 2}, {2, 1, 1, 2, 2}},
      {{3, 1, 2, 2}, {1, 2, 2, 1}},
      {{2, 0}, {0, 3}},
      {{2, 2, 0}, {2, 0, 3}},
      {{0, 2}, {2, 3}},
      {{0, 2, 3}, {3, 2}},
      {{2, 3}, {3, 0}},
      {{17, 9}, {9, 19}},
    };
    for (long[][] p : pairs) {
      spec.on(call, in -> Formulas.matmul(in.get(0), in.get(1)), any(p[0]), any(p[1]));
    }
    return spec.on(
            (ops, in) -> ops.matmul(in.get(0), in.get(0)),
            in -> Formulas.matmul(in.get(0), in.get(0)),
            any(3, 3))
        .on(
            (ops, in) -> ops.matmul(in.get(0), ops.transpose(in.get(0), 0, 1)),
            in ->
                Formulas.matmul(
                    in.get(0), Values.build(new int[] {3, 2}, i -> in.get(0).at(i[1], i[0]))),
            any(2, 3))
        .refuses(
            ShapeException.class, List.of("[2, 3]", "[2, 3]", "rows"), call, any(2, 3), any(2, 3))
        .refuses(ShapeException.class, List.of("float64[3]", "2"), call, any(3), any(3, 2))
        .refuses(ShapeException.class, List.of("[2]", "[3]"), call, any(2, 3, 4), any(3, 4, 2))
        .refuses(DTypeException.class, List.of("int32[2, 2]"), call, any(2, 2), ids(2, 2, 2));
  }

  private static OpSpec linear() {
    OpSpec.One call = (ops, in) -> ops.linear(in.get(0), in.get(1), in.get(2));
    OpSpec.One plain = (ops, in) -> ops.linear(in.get(0), in.get(1), null);
    var spec = OpSpec.of(Linear.class, "linear");
    long[][] xs = {{4}, {3, 4}, {2, 3, 4}, {0, 4}, {1, 1, 4}, {130, 4}};
    for (long[] x : xs) {
      for (long out : new long[] {0, 1, 5}) {
        spec.on(
            call,
            in -> Formulas.linear(in.get(0), in.get(1), in.get(2)),
            any(x),
            any(out, 4),
            any(out));
        spec.on(plain, in -> Formulas.linear(in.get(0), in.get(1), null), any(x), any(out, 4));
      }
    }
    return spec.on(
            call,
            in -> Formulas.linear(in.get(0), in.get(1), in.get(2)),
            any(3, 0),
            any(2, 0),
            any(2))
        .refuses(
            ShapeException.class, List.of("[3, 4]", "[2, 5]", "in"), plain, any(3, 4), any(2, 5))
        .refuses(ShapeException.class, List.of("[out, in]"), plain, any(3, 4), any(4))
        .refuses(
            ShapeException.class, List.of("bias", "[3]", "[2]"), call, any(3, 4), any(2, 4), any(3))
        .refuses(ShapeException.class, List.of("float64[]"), plain, any(), any(2, 4));
  }

  private static Values gelu(Values x) {
    return Values.build(x.shape(), i -> Formulas.unary(UnaryOp.GELU_ERF, x.cast(i)));
  }

  private static OpSpec linearUnary() {
    var spec = OpSpec.of(LinearUnary.class, "linear_gelu_erf");
    OpSpec.One call =
        (ops, in) -> ops.linearUnary(UnaryOp.GELU_ERF, in.get(0), in.get(1), in.get(2));
    OpSpec.One plain = (ops, in) -> ops.linearUnary(UnaryOp.GELU_ERF, in.get(0), in.get(1), null);
    for (long[] x : new long[][] {{4}, {2, 3, 4}, {0, 4}, {130, 4}, {3, 0}}) {
      for (long out : new long[] {0, 1, 5}) {
        long c = x[x.length - 1];
        spec.on(
            call,
            in -> gelu(Formulas.linear(in.get(0), in.get(1), in.get(2))),
            any(x),
            any(out, c),
            any(out));
        spec.on(
            plain, in -> gelu(Formulas.linear(in.get(0), in.get(1), null)), any(x), any(out, c));
      }
    }
    return spec.refuses(
        ShapeException.class, List.of("[3, 4]", "[2, 5]", "in"), plain, any(3, 4), any(2, 5));
  }

  private static OpSpec layerNorm() {
    OpSpec.One one = (ops, in) -> ops.layerNorm(in.get(0), null, null, EPS);
    OpSpec.One two = (ops, in) -> ops.layerNorm(in.get(0), in.get(1), null, EPS);
    OpSpec.One three = (ops, in) -> ops.layerNorm(in.get(0), in.get(1), in.get(2), EPS);
    var spec = OpSpec.of(LayerNorm.class, "layerNorm");
    for (long[] x : new long[][] {{5}, {1, 1}, {3, 5}, {2, 8}, {2, 3, 17}, {0, 3}, {140, 2}}) {
      long c = x[x.length - 1];
      spec.on(one, in -> Formulas.layerNorm(in.get(0), null, null, EPS), any(x))
          .on(two, in -> Formulas.layerNorm(in.get(0), in.get(1), null, EPS), any(x), any(c))
          .on(
              three,
              in -> Formulas.layerNorm(in.get(0), in.get(1), in.get(2), EPS),
              any(x),
              any(c),
              any(c));
    }
    return spec.refuses(
            ShapeException.class, List.of("gamma", "[4]", "[3]"), two, any(2, 3), any(4))
        .refuses(
            ShapeException.class, List.of("beta", "[2]", "[3]"), three, any(2, 3), any(3), any(2))
        .refuses(
            ShapeException.class,
            List.of("beta", "without gamma"),
            (ops, in) -> ops.layerNorm(in.get(0), null, in.get(1), EPS),
            any(2, 3),
            any(3))
        .refuses(ShapeException.class, List.of("float64[]"), one, any())
        .refuses(DTypeException.class, List.of("int32[2]"), one, ids(3, 2));
  }

  private static OpSpec addLayerNorm() {
    OpSpec.Call two = (ops, in) -> ops.addLayerNorm(in.get(0), in.get(1), null, null, EPS);
    OpSpec.Call three = (ops, in) -> ops.addLayerNorm(in.get(0), in.get(1), in.get(2), null, EPS);
    OpSpec.Call four =
        (ops, in) -> ops.addLayerNorm(in.get(0), in.get(1), in.get(2), in.get(3), EPS);
    var spec = OpSpec.of(AddLayerNorm.class, "addLayerNorm");
    for (long[] x : new long[][] {{5}, {1, 1}, {3, 5}, {2, 8}, {2, 2, 9}, {0, 3}}) {
      long c = x[x.length - 1];
      spec.onAll(two, in -> added(in, null, null), any(x), any(x))
          .onAll(three, in -> added(in, in.get(2), null), any(x), any(x), any(c))
          .onAll(four, in -> added(in, in.get(2), in.get(3)), any(x), any(x), any(c), any(c));
    }
    return spec.onAll(
            (ops, in) -> ops.addLayerNorm(in.get(0), in.get(0), in.get(1), null, EPS),
            in -> added(List.of(in.get(0), in.get(0)), in.get(1), null),
            any(3, 5),
            any(5))
        .refuses(
            ShapeException.class,
            List.of("branch", "[3, 2]", "[2, 3]"),
            (ops, in) -> two.apply(ops, in)[0],
            any(2, 3),
            any(3, 2));
  }

  private static List<Values> added(List<Values> in, Values gamma, Values beta) {
    Values sum = Formulas.binary(birkhoff.engine.kernel.BinaryOp.ADD, in.get(0), in.get(1));
    return List.of(Formulas.layerNorm(sum, gamma, beta, EPS), sum);
  }

  private static OpSpec rmsNorm() {
    OpSpec.One one = (ops, in) -> ops.rmsNorm(in.get(0), null, EPS);
    OpSpec.One two = (ops, in) -> ops.rmsNorm(in.get(0), in.get(1), EPS);
    var spec = OpSpec.of(RmsNorm.class, "rmsNorm");
    for (long[] x : new long[][] {{5}, {1, 1}, {3, 5}, {2, 8}, {2, 3, 17}, {0, 3}, {140, 2}}) {
      spec.on(one, in -> Formulas.rmsNorm(in.get(0), null, EPS), any(x))
          .on(two, in -> Formulas.rmsNorm(in.get(0), in.get(1), EPS), any(x), any(x[x.length - 1]));
    }
    return spec.refuses(
        ShapeException.class, List.of("gamma", "[4]", "[3]"), two, any(2, 3), any(4));
  }

  private static OpSpec rows(
      Class<? extends Primitive> primitive,
      String name,
      OpSpec.One call,
      java.util.function.UnaryOperator<double[]> formula) {
    var spec = OpSpec.of(primitive, name);
    for (long[] x : new long[][] {{1}, {5}, {3, 5}, {2, 8}, {2, 3, 17}, {0, 3}, {3, 0}}) {
      spec.on(call, in -> in.get(0).rows(formula), any(x));
    }
    return spec.refuses(ShapeException.class, List.of("float64[]"), call, any())
        .refuses(DTypeException.class, List.of("int32[2]"), call, ids(3, 2));
  }

  private static OpSpec attention() {
    var spec = OpSpec.of(CausalAttention.class, "causalAttention");
    long[][] sizes = {
      {1, 1, 1, 1}, {2, 3, 2, 2}, {1, 5, 1, 3}, {1, 8, 2, 1}, {0, 3, 2, 2}, {2, 0, 2, 2}
    };
    for (double p : new double[] {0, 0.3}) {
      for (long[] s : sizes) {
        int heads = (int) s[2];
        spec.on(
            (ops, in) -> ops.causalAttention(in.get(0), heads, p, 5),
            in -> Formulas.attention(in.get(0), heads, p, 5),
            any(s[0], s[1], 3 * s[2] * s[3]));
      }
    }
    for (long c : new long[] {0, 9, 10}) {
      spec.refuses(
          ShapeException.class,
          List.of("2, 3, " + c, "2 heads"),
          (ops, in) -> ops.causalAttention(in.get(0), 2, 0, 0),
          any(2, 3, c));
    }
    return spec.refuses(
            ShapeException.class,
            List.of("[b, t, 3"),
            (ops, in) -> ops.causalAttention(in.get(0), 1, 0, 0),
            any(2, 3))
        .refuses(
            ShapeException.class,
            List.of("dropout = 1.0"),
            (ops, in) -> ops.causalAttention(in.get(0), 1, 1, 0),
            any(2, 3, 3));
  }

  private static OpSpec crossEntropy() {
    OpSpec.One call = (ops, in) -> ops.crossEntropy(in.get(0), in.get(1));
    OpSpec.OneFormula formula = in -> Formulas.crossEntropy(in.get(0), in.get(1));
    return OpSpec.of(CrossEntropy.class, "crossEntropy")
        .on(call, formula, any(1, 1), ids(1, 1))
        .on(call, formula, any(3, 5), ids(5, 3))
        .on(call, formula, any(9, 17), ids(17, 9))
        .on(call, formula, any(4, 16), ids(16, 4))
        .refuses(ShapeException.class, List.of("[0, 5]", "n > 0"), call, any(0, 5), ids(5, 0))
        .refuses(ShapeException.class, List.of("targets", "[2]"), call, any(3, 5), ids(5, 2))
        .refuses(ShapeException.class, List.of("[n, vocab]"), call, any(3), ids(5, 3))
        .refuses(
            ShapeException.class,
            List.of("id 7", "[0, 5)"),
            call,
            any(1, 5),
            new Operand(new long[] {1}, DType.INT32, r -> 7))
        .refuses(DTypeException.class, List.of("int32"), call, any(3, 5), any(3));
  }

  private static OpSpec linearCrossEntropy() {
    OpSpec.One call = (ops, in) -> ops.linearCrossEntropy(in.get(0), in.get(1), in.get(2));
    OpSpec.OneFormula formula =
        in -> Formulas.crossEntropy(Formulas.linear(in.get(0), in.get(1), null), in.get(2));
    return OpSpec.of(LinearCrossEntropy.class, "linearCrossEntropy")
        .on(call, formula, any(1, 1), any(1, 1), ids(1, 1))
        .on(call, formula, any(3, 4), any(5, 4), ids(5, 3))
        .on(call, formula, any(19, 3), any(7, 3), ids(7, 19))
        .on(
            (ops, in) -> ops.linearCrossEntropy(in.get(0), in.get(0), in.get(1)),
            in -> formula.apply(List.of(in.get(0), in.get(0), in.get(1))),
            any(3, 4),
            ids(3, 3))
        .refuses(
            ShapeException.class,
            List.of("[3, 4]", "[5, 2]"),
            call,
            any(3, 4),
            any(5, 2),
            ids(5, 3))
        .refuses(ShapeException.class, List.of("n > 0"), call, any(0, 4), any(5, 4), ids(5, 0))
        .refuses(ShapeException.class, List.of("targets"), call, any(3, 4), any(5, 4), ids(5, 4))
        .refuses(
            ShapeException.class,
            List.of("id 7", "[0, 5)"),
            call,
            any(1, 4),
            any(5, 4),
            new Operand(new long[] {1}, DType.INT32, r -> 7));
  }
}
