package birkhoff.tests.gradcheck;

import static birkhoff.tests.gradcheck.Operand.any;
import static birkhoff.tests.gradcheck.Operand.ids;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.op.index.Embedding;
import birkhoff.engine.op.index.TokenPositionEmbedding;
import birkhoff.engine.op.shape.BroadcastTo;
import birkhoff.engine.op.shape.Contiguous;
import birkhoff.engine.op.shape.Reshape;
import birkhoff.engine.op.shape.Slice;
import birkhoff.engine.op.shape.Transpose;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import java.util.List;

/** Views, copies and look-ups. */
final class ShapeSpecs {
  private ShapeSpecs() {}

  static List<OpSpec> all() {
    return List.of(
        reshape(),
        transpose(),
        slice(),
        broadcastTo(),
        contiguous(),
        embedding(),
        tokenPositionEmbedding());
  }

  private static OpSpec reshape() {
    var spec = OpSpec.of(Reshape.class, "reshape");
    long[][][] pairs = {
      {{2, 6}, {3, 4}}, {{}, {1, 1}}, {{0, 3}, {5, 0}}, {{7}, {7, 1}}, {{4, 9}, {6, 6}}
    };
    for (long[][] p : pairs) {
      spec.on(
          (ops, in) -> ops.reshape(ops.contiguous(in.get(0)), p[1]),
          in -> Values.of(in.get(0).data(), p[1]),
          any(p[0]));
    }
    return spec.refuses(
            ShapeException.class,
            List.of("[2, 3]", "6", "[4]"),
            (ops, in) -> ops.reshape(in.get(0), 4),
            any(2, 3))
        .refuses(
            ShapeException.class,
            List.of("[3, 2]", "contiguous()"),
            (ops, in) -> ops.reshape(in.get(0).t(), 6),
            any(2, 3));
  }

  private static OpSpec transpose() {
    return OpSpec.of(Transpose.class, "transpose")
        .on(
            (ops, in) -> ops.transpose(in.get(0), 0, 2),
            in -> Values.build(new int[] {4, 3, 2}, i -> in.get(0).at(i[2], i[1], i[0])),
            any(2, 3, 4))
        .on((ops, in) -> ops.transpose(in.get(0), -1, -1), in -> in.get(0), any(2, 3))
        .on(
            (ops, in) -> ops.transpose(in.get(0), 0, 1),
            in -> Values.of(new double[0], 0, 3),
            any(3, 0))
        .on(
            (ops, in) -> ops.transpose(in.get(0), 0, 1),
            in -> Values.build(new int[] {9, 1}, i -> in.get(0).at(i[1], i[0])),
            any(1, 9))
        .refuses(
            ShapeException.class,
            List.of("axis 2", "[2, 3]"),
            (ops, in) -> ops.transpose(in.get(0), 0, 2),
            any(2, 3));
  }

  private static OpSpec slice() {
    return OpSpec.of(Slice.class, "slice")
        .on(
            (ops, in) -> ops.slice(in.get(0), 1, 1, 3),
            in -> Values.build(new int[] {3, 2}, i -> in.get(0).at(i[0], i[1] + 1)),
            any(3, 5))
        .on(
            (ops, in) -> ops.slice(ops.slice(in.get(0), -1, 4, 5), 0, 3, 3),
            in -> Values.of(new double[0], 0, 1),
            any(3, 5))
        .on((ops, in) -> ops.slice(in.get(0), 0, 0, 0), in -> in.get(0), any(0, 2))
        .on(
            (ops, in) -> ops.slice(in.get(0), 1, 0, 1),
            in -> Values.build(new int[] {1, 1}, i -> in.get(0).at(0, 0)),
            any(1, 8))
        // Two slices of one tensor add up in its gradient.
        .on(
            (ops, in) -> ops.mul(ops.slice(in.get(0), 0, 0, 3), ops.slice(in.get(0), 0, 1, 4)),
            in ->
                Values.build(new int[] {3, 2}, i -> in.get(0).at(i) * in.get(0).at(i[0] + 1, i[1])),
            any(4, 2))
        .refuses(
            ShapeException.class,
            List.of("[1, 4)", "axis 0", "[3, 5]"),
            (ops, in) -> ops.slice(in.get(0), 0, 1, 4),
            any(3, 5))
        .refuses(
            ShapeException.class,
            List.of("axis -3", "[3, 5]"),
            (ops, in) -> ops.slice(in.get(0), -3, 0, 1),
            any(3, 5));
  }

  private static OpSpec broadcastTo() {
    var spec = OpSpec.of(BroadcastTo.class, "broadcastTo");
    long[][][] pairs = {
      {{}, {3}},
      {{1, 4}, {3, 4}},
      {{3, 1}, {2, 3, 4}},
      {{4}, {4}},
      {{1, 3}, {0, 3}},
      {{1}, {0}},
      {{0, 9}, {2, 0, 9}}
    };
    for (long[][] p : pairs) {
      spec.on(
          (ops, in) -> ops.broadcastTo(in.get(0), p[1]),
          in -> Values.build(Values.of(new double[0], p[1]).shape(), i -> in.get(0).cast(i)),
          any(p[0]));
    }
    return spec.refuses(
        ShapeException.class,
        List.of("[2, 3]", "[3]"),
        (ops, in) -> ops.broadcastTo(in.get(0), 3),
        any(2, 3));
  }

  private static OpSpec contiguous() {
    return OpSpec.of(Contiguous.class, "contiguous")
        .on(
            (ops, in) -> ops.contiguous(ops.transpose(in.get(0), 0, 1)),
            in -> Values.build(new int[] {5, 3}, i -> in.get(0).at(i[1], i[0])),
            any(3, 5))
        .on((ops, in) -> ops.contiguous(in.get(0)), in -> in.get(0), any(2, 0))
        .on((ops, in) -> ops.contiguous(in.get(0)), in -> in.get(0), any(1, 8))
        .on((ops, in) -> ops.apply(new Contiguous(), in.get(0))[0], in -> in.get(0), any(3, 5));
  }

  private static OpSpec embedding() {
    OpSpec.One call = (ops, in) -> ops.embedding(in.get(0), in.get(1));
    var spec = OpSpec.of(Embedding.class, "embedding");
    long[][] idShapes = {{}, {0}, {6}, {2, 5}};
    for (long[] shape : idShapes) {
      for (long width : new long[] {0, 1, 3, 70}) {
        spec.on(
            call,
            in -> {
              int[] out = java.util.Arrays.copyOf(in.get(1).shape(), shape.length + 1);
              out[shape.length] = in.get(0).size(1);
              return Values.build(
                  out,
                  i ->
                      in.get(0)
                          .at(
                              (int) in.get(1).at(java.util.Arrays.copyOf(i, i.length - 1)),
                              i[i.length - 1]));
            },
            any(4, width),
            ids(4, shape));
      }
    }
    return spec.refuses(
            ShapeException.class, List.of("id 4", "position", "[0, 3)"), call, any(3, 2), fours())
        .refuses(
            ShapeException.class,
            List.of("id -1", "[0, 3)"),
            (ops, in) -> ops.embedding(in.get(0), in.get(1).copyFrom(new int[] {0, -1})),
            any(3, 2),
            ids(1, 2))
        .refuses(DTypeException.class, List.of("float64[2]", "int32"), call, any(3, 2), any(2))
        .refuses(ShapeException.class, List.of("float64[3]"), call, any(3), ids(2, 2));
  }

  private static Operand fours() {
    return new Operand(new long[] {2}, DType.INT32, r -> 4);
  }

  private static OpSpec tokenPositionEmbedding() {
    OpSpec.One call = (ops, in) -> ops.tokenPositionEmbedding(in.get(0), in.get(1), in.get(2));
    OpSpec.OneFormula formula =
        in ->
            Values.build(
                new int[] {in.get(1).size(0), in.get(1).size(1), in.get(0).size(1)},
                i -> in.get(0).at((int) in.get(1).at(i[0], i[1]), i[2]) + in.get(2).at(i[1], i[2]));
    return OpSpec.of(TokenPositionEmbedding.class, "tokenPositionEmbedding")
        .on(call, formula, any(5, 3), ids(5, 2, 4), any(4, 3))
        .on(call, formula, any(5, 3), ids(5, 3, 2), any(6, 3))
        .on(call, formula, any(5, 1), ids(5, 1, 1), any(1, 1))
        .on(call, formula, any(2, 3), ids(2, 0, 4), any(4, 3))
        .on(call, formula, any(2, 3), ids(2, 2, 0), any(4, 3))
        .on(
            (ops, in) -> ops.tokenPositionEmbedding(in.get(0), in.get(1), in.get(0)),
            in -> formula.apply(List.of(in.get(0), in.get(1), in.get(0))),
            any(5, 3),
            ids(5, 2, 4))
        .refuses(
            ShapeException.class,
            List.of("more tokens than positions"),
            call,
            any(5, 3),
            ids(5, 2, 5),
            any(4, 3))
        .refuses(ShapeException.class, List.of("widths"), call, any(5, 3), ids(5, 2, 2), any(4, 2))
        .refuses(ShapeException.class, List.of("int32[2]"), call, any(5, 3), ids(5, 2), any(4, 3))
        .refuses(
            DTypeException.class,
            List.of("float32"),
            (ops, in) ->
                ops.tokenPositionEmbedding(in.get(0), in.get(1), other(ops, in.get(2).shape())),
            any(5, 3),
            ids(5, 2, 2),
            any(4, 3));
  }

  private static birkhoff.engine.tensor.Tensor other(birkhoff.engine.op.Ops ops, Shape shape) {
    return ops.execution().allocate(birkhoff.engine.tensor.TensorSpec.of(shape, DType.FLOAT32));
  }
}
